import { hostInUrl } from "../host/network.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  type Expression,
  inherited,
  integer,
  lambda,
  letIn,
  list,
  path,
  reference,
  string,
  strings,
} from "../language/expression.ts";
import type { HostSummary } from "./host-summary.ts";
import { byHost, hostFile, inputBindings, inputNames, moduleArguments, systemsOf } from "./outputs.ts";
import { defaultPins, type Pins } from "./pins.ts";

/**
 * The flake for other tools. It is separate from the flake that is built. So colmena and deploy-rs are no inputs of
 * what runs on the hosts, and a build need not fetch them.
 */
export const toolsFile = "tools/flake.nix";

/**
 * Returns the expression of {@link toolsFile}: the hosts of `flake.nix` in the forms that colmena and deploy-rs take.
 */
export const toolsExpression = (graph: string, hosts: ReadonlyArray<HostSummary>, pins: Pins = {}): Expression => {
  const [first = "nixpkgs", ...others] = inputNames(hosts);
  return attributes([
    binding("description", string(`Deployment graph ${graph}, for colmena and deploy-rs`)),
    ...inputBindings(hosts, pins),
    ...input("colmena", pins.colmena ?? defaultPins.colmena),
    ...input("deploy-rs", pins["deploy-rs"] ?? defaultPins["deploy-rs"]),
    binding(
      "outputs",
      lambda(
        ["self", first, ...others, "colmena", "deploy-rs"],
        letIn(
          [
            binding(
              "leaf",
              apply(
                reference("flake", "outputs"),
                attributes([binding("self", reference("leaf")), inherited([first, ...others])]),
              ),
            ),
            binding("flake", apply(reference("import"), path("../flake.nix"))),
          ],
          attributes([
            binding("colmenaHive", apply(reference("colmena", "lib", "makeHive"), colmenaHive(hosts))),
            binding("deploy.nodes", byHost(hosts, deployNode)),
            binding("checks", attributes(systemsOf(hosts).map((system) => binding([system], deployChecks(system))))),
          ]),
        ),
      ),
    ),
  ]);
};

/** Returns the input for a tool's flake, on the same packages as the hosts. */
const input = (name: string, url: string): ReadonlyArray<Binding> => [
  binding(["inputs", name, "url"], string(url)),
  binding(["inputs", name, "inputs", "nixpkgs", "follows"], string("nixpkgs")),
];

const deployChecks = (system: string): Expression =>
  apply(reference("deploy-rs", "lib", system, "deployChecks"), reference("self", "deploy"));

/** Returns the arguments of modules that name flakes, for each host. */
const specialArguments = (hosts: ReadonlyArray<HostSummary>): ReadonlyArray<Binding> => {
  const own = hosts.flatMap((host) => {
    const given = moduleArguments(host);
    return given === undefined ? [] : [binding([colmenaName(host.id, hosts)], given)];
  });
  return own.length === 0 ? [] : [binding("meta.nodeSpecialArgs", attributes(own))];
};

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

/**
 * Returns the hosts in colmena's form (https://colmena.cli.rs). They are built with the packages of their own system.
 */
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
    ...specialArguments(hosts),
    ...hosts.map((host) =>
      binding(
        [colmenaName(host.id, hosts)],
        attributes([
          binding("imports", list([path(`../${hostFile(host.id)}`)])),
          binding("deployment.targetHost", string(host.address)),
          binding("deployment.targetUser", string(host.ssh.user)),
          binding("deployment.targetPort", integer(host.ssh.port)),
        ]),
      ),
    ),
  ]);

/** Returns a host in the form of deploy-rs (https://github.com/serokell/deploy-rs). */
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
            reference("leaf", "nixosConfigurations", host.id),
          ),
        ),
      ]),
    ),
  ]);
