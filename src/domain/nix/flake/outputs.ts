import { hostInUrl } from "../host/network.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  integer,
  lambda,
  list,
  merge,
  path,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import type { HostSummary } from "./host-summary.ts";
import { defaultPins, type Pins } from "./pins.ts";

/** The path of a host's module in the flake. */
export const hostFile = (host: string): string => `hosts/${host}.nix`;

/** The expression of `flake.nix` for a graph, by its id. `pins` are flake references by the name of the input. */
export const flakeExpression = (graph: string, hosts: ReadonlyArray<HostSummary>, pins: Pins = {}): Expression =>
  attributes([
    binding("description", string(`Deployment graph ${graph}`)),
    binding("inputs.nixpkgs.url", string(pins.nixpkgs ?? defaultPins.nixpkgs)),
    ...input("colmena", pins.colmena ?? defaultPins.colmena),
    ...input("deploy-rs", pins["deploy-rs"] ?? defaultPins["deploy-rs"]),
    binding(
      "outputs",
      lambda(
        ["self", "nixpkgs", "colmena", "deploy-rs"],
        attributes([
          binding("nixosConfigurations", byHost(hosts, nixosConfiguration)),
          binding("colmenaHive", apply(reference("colmena", "lib", "makeHive"), colmenaHive(hosts))),
          binding("deploy.nodes", byHost(hosts, deployNode)),
          binding("checks", attributes(systemsOf(hosts).map((system) => binding([system], checksOf(hosts, system))))),
        ]),
      ),
    ),
  ]);

/** A tool's flake, on the same packages as the hosts. */
const input = (name: string, url: string): ReadonlyArray<Binding> => [
  binding(["inputs", name, "url"], string(url)),
  binding(["inputs", name, "inputs", "nixpkgs", "follows"], string("nixpkgs")),
];

const systemsOf = (hosts: ReadonlyArray<HostSummary>): ReadonlyArray<HostSummary["system"]> =>
  [...new Set(hosts.map(({ system }) => system))].sort();

/** The checks of `nix flake check`: it builds every host of a system, and runs the checks of deploy-rs. */
const checksOf = (hosts: ReadonlyArray<HostSummary>, system: HostSummary["system"]): Expression =>
  merge(
    byHost(
      hosts.filter((host) => host.system === system),
      ({ id }) => reference("self", "nixosConfigurations", id, "config", "system", "build", "toplevel"),
    ),
    apply(reference("deploy-rs", "lib", system, "deployChecks"), reference("self", "deploy")),
  );

const byHost = (
  hosts: ReadonlyArray<HostSummary>,
  value: (host: HostSummary) => Expression,
  name: (host: HostSummary) => string = ({ id }) => id,
): Expression => attributes(hosts.map((host) => binding([name(host)], value(host))));

const modulePath = (host: HostSummary): Expression => path(`./${hostFile(host.id)}`);

const nixosConfiguration = (host: HostSummary): Expression =>
  apply(reference("nixpkgs", "lib", "nixosSystem"), attributes([binding("modules", list([modulePath(host)]))]));

const packagesFor = (system: string): Expression =>
  apply(reference("import"), reference("nixpkgs"), attributes([binding("system", string(system))]));

/** The names in colmena's configuration that are not hosts. */
const namesOfColmena = new Set(["defaults", "meta", "network"]);

/** The name of a host for colmena. A host whose id has a meaning for colmena gets another name there. */
const colmenaName = (id: string, hosts: ReadonlyArray<HostSummary>): string => {
  if (!namesOfColmena.has(id)) return id;
  let name = `${id}-host`;
  while (hosts.some((host) => host.id === name)) name += "-host";
  return name;
};

/** https://colmena.cli.rs: hosts are built with the packages of their own system. */
const colmenaHive = (hosts: ReadonlyArray<HostSummary>): Expression =>
  attributes([
    binding("meta.nixpkgs", packagesFor("x86_64-linux")),
    binding(
      "meta.nodeNixpkgs",
      byHost(
        hosts.filter(({ system }) => system !== "x86_64-linux"),
        ({ system }) => packagesFor(system),
        ({ id }) => colmenaName(id, hosts),
      ),
    ),
    ...hosts.map((host) =>
      binding(
        [colmenaName(host.id, hosts)],
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
const deployNode = (host: HostSummary): Expression =>
  attributes([
    binding("hostname", string(hostInUrl(host.address))),
    binding("sshUser", string(host.ssh.user)),
    binding(
      "sshOpts",
      strings([
        "-p",
        String(host.ssh.port),
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
