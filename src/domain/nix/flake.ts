import { Result } from "effect";
import { canonicalGraph } from "../graph/canonical.ts";
import type { GraphDocument } from "../graph/document.ts";
import { canonicalJson } from "../kernel/mod.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  integer,
  lambda,
  list,
  path,
  reference,
  string,
  strings,
} from "./expression.ts";
import { type HostSpecification, hostModule } from "./host.ts";
import { hostInUrl } from "./network.ts";
import type { NotRenderable } from "./not-renderable.ts";
import { printFile } from "./print.ts";
import { release } from "./release.ts";
import { type Specification, specify } from "./specification.ts";

/** A flake: the text of each file by its path. */
export interface Flake {
  readonly files: Readonly<Record<string, string>>;
}

/**
 * The flake that deploys a graph, or every reason why there is none. The same graph gives the same bytes, in whatever
 * order its nodes and edges are written.
 */
export const renderFlake = (document: GraphDocument): Result.Result<Flake, ReadonlyArray<NotRenderable>> =>
  Result.map(specify(document), (specification) => ({
    files: {
      "flake.nix": printFile(flakeExpression(specification)),
      "graph.json": graphFile(document),
      ...Object.fromEntries(specification.hosts.map((host) => [hostFile(host.id), printFile(hostModule(host))])),
    },
  }));

/** The text whose SHA-256 is the digest of a flake: its canonical JSON. */
export const flakeText = ({ files }: Flake): string => canonicalJson({ files });

/** The path of a host's module in the flake. */
export const hostFile = (host: string): string => `hosts/${host}.nix`;

/** The document that the flake was made from, in its normal form. */
const graphFile = (document: GraphDocument): string =>
  `${JSON.stringify(JSON.parse(canonicalGraph(document)), null, 2)}\n`;

const flakeExpression = ({ graph, hosts }: Specification): Expression =>
  attributes([
    binding("description", string(`Deployment graph ${graph}`)),
    binding("inputs.nixpkgs.url", string(`github:NixOS/nixpkgs/nixos-${release}`)),
    ...input("colmena", "github:zhaofengli/colmena"),
    ...input("deploy-rs", "github:serokell/deploy-rs"),
    binding(
      "outputs",
      lambda(
        ["self", "nixpkgs", "colmena", "deploy-rs"],
        attributes([
          binding("nixosConfigurations", byHost(hosts, nixosConfiguration)),
          binding("colmenaHive", apply(reference("colmena", "lib", "makeHive"), colmenaHive(hosts))),
          binding("deploy.nodes", byHost(hosts, deployNode)),
        ]),
      ),
    ),
  ]);

/** A tool's flake, on the same packages as the hosts. */
const input = (name: string, url: string): ReadonlyArray<Binding> => [
  binding(["inputs", name, "url"], string(url)),
  binding(["inputs", name, "inputs", "nixpkgs", "follows"], string("nixpkgs")),
];

const byHost = (hosts: ReadonlyArray<HostSpecification>, value: (host: HostSpecification) => Expression): Expression =>
  attributes(hosts.map((host) => binding([host.id], value(host))));

const modulePath = (host: HostSpecification): Expression => path(`./${hostFile(host.id)}`);

const nixosConfiguration = (host: HostSpecification): Expression =>
  apply(reference("nixpkgs", "lib", "nixosSystem"), attributes([binding("modules", list([modulePath(host)]))]));

const packagesFor = (system: string): Expression =>
  apply(reference("import"), reference("nixpkgs"), attributes([binding("system", string(system))]));

/** https://colmena.cli.rs: hosts are built with the packages of their own system. */
const colmenaHive = (hosts: ReadonlyArray<HostSpecification>): Expression =>
  attributes([
    binding("meta.nixpkgs", packagesFor("x86_64-linux")),
    binding(
      "meta.nodeNixpkgs",
      byHost(
        hosts.filter(({ system }) => system !== "x86_64-linux"),
        ({ system }) => packagesFor(system),
      ),
    ),
    ...hosts.map((host) =>
      binding(
        [host.id],
        attributes([
          binding("imports", list([modulePath(host)])),
          binding("deployment.targetHost", string(host.address)),
          binding("deployment.targetUser", string(host.ssh.user)),
          binding("deployment.targetPort", integer(host.ssh.port)),
        ]),
      ),
    ),
  ]);

/** https://github.com/serokell/deploy-rs */
const deployNode = (host: HostSpecification): Expression =>
  attributes([
    binding("hostname", string(hostInUrl(host.address))),
    binding("sshUser", string(host.ssh.user)),
    binding(
      "sshOpts",
      strings([
        ...["-p", String(host.ssh.port)],
        ...(host.ssh.identityFile === undefined ? [] : ["-i", host.ssh.identityFile]),
      ]),
    ),
    binding(
      "profiles.system",
      attributes([
        binding("user", string("root")),
        binding(
          "path",
          apply(
            reference("deploy-rs", "lib", host.system, "activate", "nixos"),
            reference("self", "nixosConfigurations", host.id),
          ),
        ),
      ]),
    ),
  ]);
