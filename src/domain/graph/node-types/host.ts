import { Schema } from "effect";
import { bounds, List, maxKeys } from "../../kernel/mod.ts";
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
  imports: optional(List(NonEmptyText), "Paths of your own NixOS modules, such as the hardware's."),
  rootDevice: optional(Device, "The device that holds the root file system, such as `/dev/vda1`."),
  labels: optional(
    Schema.Record(Text, Text).check(maxKeys(bounds.list)),
    "Names and values of your own, for people and tools.",
  ),
}).annotate({ identifier: "HostNode" });
export type HostNode = typeof HostNode.Type;

/** The port of ssh of a host that names no other. */
const sshPort = 22;

/** The address and port at which a host is reached, as one text: one machine has one. Names do not tell case apart. */
export const machineOf = ({ address, ssh }: Pick<HostNode, "address" | "ssh">): string =>
  `${address.toLowerCase()} ${ssh?.port ?? sshPort}`;

/** The node exporter: every host that is monitored listens there. */
export const nodeExporterPort = 9100;

/** What sends the logs of a host away, on the loopback. */
const logShipperPort = 12_345;

/** What a host listens on because it, or a node on it, is monitored. `logs` if its logs are collected too. */
export const observedPorts = (host: string, logs: boolean): ReadonlyArray<PortUse> => [
  { port: nodeExporterPort, node: host, what: "the node exporter", shared: true },
  ...(logs ? [{ port: logShipperPort, node: host, what: "the log shipper", shared: true }] : []),
];

const kinds = [
  { field: "cpuCores", unit: "CPU cores" },
  { field: "memoryMb", unit: "MB of memory" },
  { field: "diskGb", unit: "GB of disk" },
] as const satisfies ReadonlyArray<{ readonly field: keyof Resources; readonly unit: string }>;

/** Sums of decimal fractions are not exact in binary; what is within a billionth fits. */
const exceeds = (sum: number, limit: number): boolean => sum - limit > limit * 1e-9;

/** `resources-exceeded`: the nodes of a host ask together for more than it says it has, one problem for each resource. */
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

/** `port-conflict`: hosts with one address and port are one machine, and each would take from it what another is. */
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

/** NixOS takes no other form (an assertion of `system.stateVersion`), and no release that is not out yet. */
const stateVersion = /^\d{2}\.\d{2}$/;

/** `invalid-config`: a release that NixOS refuses. Older logs have graphs with others. */
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
  rules: [oneMachine, wrongRelease, resourcesExceeded],
};
