import { Schema } from "effect";
import { bounds, canonicalJson, List, maxKeys } from "../../kernel/mod.ts";
import { HostFiles, HostInputs, importedFile } from "../host-files.ts";
import {
  always,
  anotherPort,
  identity,
  type NodeRule,
  type NodeTypeDefinition,
  none,
  nothing,
  type PortUse,
} from "../node-type.ts";
import { error, named } from "../problem.ts";
import { Address, Device, described, NonEmptyText, optional, Port, Resources, Text, UserName } from "../values.ts";

/** A machine that other nodes run on. */
export const HostNode = Schema.Struct({
  ...identity("host"),
  system: described(Schema.Literals(["x86_64-linux", "aarch64-linux"]), "The processor and operating system."),
  address: described(Address, "The IP address or DNS name at which the host is reached."),
  ssh: optional(
    Schema.Struct({
      user: optional(UserName, "The user that logs in; `root` unless given."),
      port: optional(Port, "The port of the ssh server; 22 unless given."),
      identityFile: optional(NonEmptyText, "The file of the private key on the machine that deploys."),
    }),
    "How to log in to the host by ssh.",
  ),
  resources: optional(Resources, "What the host has; its nodes may not ask for more together."),
  stateVersion: optional(NonEmptyText, "The NixOS release that the host was installed with, such as `25.05`."),
  imports: optional(List(NonEmptyText), "Paths of your own NixOS modules, relative to the graph's file."),
  files: optional(HostFiles, "The digests of your modules and what they name, by path; `cim` writes them at import."),
  inputs: optional(HostInputs, "Flakes that your modules need, by their names in the argument `inputs`."),
  rootDevice: optional(Device, "The device that holds the root file system, such as `/dev/vda1`."),
  labels: optional(
    Schema.Record(Text, Text).check(maxKeys(bounds.list)),
    "Names and values of your own, for people and tools.",
  ),
}).annotate({ identifier: "HostNode" });
export type HostNode = typeof HostNode.Type;

/** The default ssh port of a host. */
const sshPort = 22;

/**
 * Returns the address and port of a host as one text, which identifies its machine. The case of names does not matter.
 */
export const machineOf = ({ address, ssh }: Pick<HostNode, "address" | "ssh">): string =>
  `${address.toLowerCase()} ${ssh?.port ?? sshPort}`;

/** The port of the node exporter on every monitored host. */
export const nodeExporterPort = 9100;

/** The log shipper's port, on the loopback interface. */
const logShipperPort = 12_345;

/**
 * Returns the listeners of a host that is monitored, or that has monitored nodes. With `logs`, its logs are collected
 * too.
 */
export const observedPorts = (host: string, logs: boolean): ReadonlyArray<PortUse> => [
  { port: nodeExporterPort, node: host, what: "the node exporter", shared: true },
  ...(logs ? [{ port: logShipperPort, node: host, what: "the log shipper", shared: true }] : []),
];

const kinds = [
  { field: "cpuCores", unit: "CPU cores" },
  { field: "memoryMb", unit: "MB of memory" },
  { field: "diskGb", unit: "GB of disk" },
] as const satisfies ReadonlyArray<{ readonly field: keyof Resources; readonly unit: string }>;

/**
 * Returns whether a sum exceeds a limit. Sums of decimal fractions are not exact in binary, so a billionth is
 * tolerated.
 */
const exceeds = (sum: number, limit: number): boolean => sum - limit > limit * 1e-9;

/** `resources-exceeded`: the nodes of a host together request more than the host has. One problem for each resource. */
const resourcesExceeded: NodeRule<HostNode> = (hosts, graph) =>
  hosts.flatMap(({ id: hostId, resources }) => {
    const nodes = graph.residents.get(hostId) ?? [];
    return kinds.flatMap(({ field, unit }) => {
      const limit = resources?.[field];
      const users = nodes.filter((node) => (node.resources?.[field] ?? 0) > 0);
      const sum = users.reduce((total, node) => total + (node.resources?.[field] ?? 0), 0);
      if (limit === undefined || !exceeds(sum, limit)) return [];
      return [
        error(
          "resources-exceeded",
          { nodes: [hostId, ...users.map(({ id }) => id)] },
          `host \`${hostId}\`: ${named(users.map(({ id }) => id))} ask for ${Number(sum.toPrecision(12))} ${unit} together ` +
            `and it has ${limit}: move nodes to another host, let them ask for less or use a larger host`,
        ),
      ];
    });
  });

/**
 * `port-conflict`: hosts with the same address and port are one machine. Each deployment would remove what the other
 * installed.
 */
const oneMachine: NodeRule<HostNode> = (hosts) => {
  const first = new Map<string, HostNode>();
  return hosts.flatMap((host) => {
    const machine = machineOf(host);
    const holder = first.get(machine);
    if (holder === undefined) first.set(machine, host);
    if (holder === undefined || holder.id === host.id) return [];
    return [
      error(
        "port-conflict",
        { nodes: [holder.id, host.id].sort() },
        `host \`${host.id}\`: \`${holder.id}\` is reached at ${host.address}, port ${host.ssh?.port ?? sshPort}, too, so both are one machine: ` +
          "correct the address or `ssh.port` of one, or place all nodes on one host",
      ),
    ];
  });
};

/** NixOS accepts no other form (an assertion of `system.stateVersion`), and no future release. */
const stateVersion = /^\d{2}\.\d{2}$/;

/** `invalid-config`: a release that NixOS refuses. Older logs have graphs with such values. */
const wrongRelease: NodeRule<HostNode> = (hosts) =>
  hosts.flatMap(({ id, stateVersion: given }) =>
    given === undefined || stateVersion.test(given)
      ? []
      : [
          error(
            "invalid-config",
            { nodes: [id] },
            `host \`${id}\`: \`stateVersion\` is ${JSON.stringify(given)}, and NixOS takes a release of the form "25.11": ` +
              "give the one that the host was installed with",
          ),
        ],
  );

const why = (path: string): string =>
  path.startsWith("/")
    ? "that path is absolute; a system is built from what is in its flake alone: copy it beside the graph's file (`nixos-generate-config --show-hardware-config` on the host prints what it has), and name that"
    : "its text was not taken in: import the graph from its file with `cim`, or give the text in `texts` and its digest in `files`";

/**
 * `invalid-config`: a module whose text is not part of the graph. It could not be built, and nobody could vote on it.
 */
const missingModules: NodeRule<HostNode> = (hosts) =>
  hosts.flatMap(({ id, imports = [], files = {} }) =>
    imports
      .filter((path) => path.startsWith("/") || importedFile(files, path) === undefined)
      .map((path) =>
        error("invalid-config", { nodes: [id] }, `host \`${id}\`: \`imports\` names \`${path}\`: ${why(path)}`),
      ),
  );

/** `invalid-config`: one name for two flakes. A graph has one flake, in which each input name is unique. */
const inputConflicts: NodeRule<HostNode> = (hosts) => {
  const first = new Map<string, { readonly host: string; readonly text: string }>();
  return hosts.flatMap(({ id, inputs = {} }) =>
    Object.entries(inputs).flatMap(([name, input]) => {
      const text = canonicalJson(input);
      const known = first.get(name);
      if (known === undefined) first.set(name, { host: id, text });
      if (known === undefined || known.text === text) return [];
      return [
        error(
          "invalid-config",
          { nodes: [known.host, id].sort() },
          `host \`${id}\`: the input \`${name}\` is another flake than on \`${known.host}\`: use one for both, or another name`,
        ),
      ];
    }),
  );
};

export const host: NodeTypeDefinition<HostNode> = {
  schema: HostNode,
  meaning: "A machine that other nodes run on.",
  port: ({ ssh }) => ssh?.port ?? sshPort,
  portUse: { what: "its ssh", choice: anotherPort },
  innerPorts: none,
  programs: none,
  metricsPort: nothing,
  monitoredPorts: none,
  onceAHost: nothing,
  needsHost: always,
  encryptionRemedy: nothing,
  picture: { detail: ({ address }) => address, mermaid: ["[[", "]]"], graphviz: "box3d" },
  rules: [oneMachine, wrongRelease, missingModules, inputConflicts, resourcesExceeded],
};
