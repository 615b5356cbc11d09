import type { HostNode } from "../graph/node.ts";
import { byText } from "../graph/order.ts";
import {
  apply,
  attributes,
  type Binding,
  binding,
  boolean,
  type Expression,
  integer,
  lambda,
  letIn,
  list,
  path,
  reference,
  string,
  strings,
} from "./expression.ts";
import { addressFamily, firewallRule, type Path } from "./network.ts";
import { type NodeSpecification, optionsOf } from "./node-kinds.ts";
import { waitUntil } from "./readiness.ts";
import { release } from "./release.ts";

import type { Topology } from "./topology.ts";

/** What a host must be. */
export interface HostSpecification {
  readonly id: string;
  readonly system: HostNode["system"];
  readonly address: string;
  readonly ssh: { readonly user: string; readonly port: number; readonly identityFile?: string };
  readonly stateVersion: string;
  /** The operator's own modules: absolute, or relative to the flake. */
  readonly imports: ReadonlyArray<string>;
  readonly rootDevice?: string;
  /** TCP ports open to everyone. */
  readonly publicPorts: ReadonlyArray<number>;
  /** What else the firewall lets in. */
  readonly paths: ReadonlyArray<Path>;
  /** The nodes that nodes of this host connect to are known here by their id. */
  readonly names: ReadonlyArray<{ readonly address: string; readonly nodes: ReadonlyArray<string> }>;
  readonly nodes: ReadonlyArray<NodeSpecification>;
}

const loopback = "127.0.0.1";

/** Where each target of an edge that needs a connection is, seen from a host; only what has an IP address. */
const namesAt = (topology: Topology, host: HostNode): HostSpecification["names"] => {
  const names = new Map<string, Set<string>>();
  for (const { id } of topology.residents.get(host.id) ?? []) {
    const edges = (["connects-to", "publishes-to", "subscribes-to"] as const).flatMap((type) =>
      topology.from(id, type),
    );
    for (const target of new Set(edges.map(({ to }) => to))) {
      const hosts = topology.hostsOf(target);
      const addresses = hosts.includes(host) ? [loopback] : hosts.map(({ address }) => address);
      for (const address of addresses)
        if (addressFamily(address) !== undefined) names.set(address, (names.get(address) ?? new Set()).add(target));
    }
  }
  return [...names]
    .map(([address, nodes]) => ({ address, nodes: [...nodes].sort() }))
    .sort(byText(({ address }) => address));
};

/** A host with what its nodes need of it. */
export const specifyHost = (
  topology: Topology,
  host: HostNode,
  nodes: ReadonlyArray<NodeSpecification>,
  paths: ReadonlyArray<Path>,
): HostSpecification => ({
  id: host.id,
  system: host.system,
  address: host.address,
  ssh: {
    user: host.ssh?.user ?? "root",
    port: host.ssh?.port ?? 22,
    ...(host.ssh?.identityFile === undefined ? {} : { identityFile: host.ssh.identityFile }),
  },
  stateVersion: host.stateVersion ?? release,
  imports: host.imports ?? [],
  ...(host.rootDevice === undefined ? {} : { rootDevice: host.rootDevice }),
  publicPorts: [...new Set(nodes.flatMap((node) => (node.type === "service" ? (node.publicPort ?? []) : [])))].sort(
    (left, right) => left - right,
  ),
  paths: [...paths].sort(byText(firewallRule)),
  names: namesAt(topology, host),
  nodes,
});

/** The NixOS module of a host. It stands in `hosts/` of the flake. */
export const hostModule = (host: HostSpecification): Expression => {
  const { nodes } = host;
  const users = [...new Set(nodes.flatMap((node) => (node.type === "service" ? (node.user ?? []) : [])))].sort();
  const options = attributes([
    ...(host.imports.length === 0 ? [] : [binding("imports", list(host.imports.map(importPath)))]),
    ...systemOptions(host),
    ...networkOptions(host),
    ...users.filter((user) => user !== "root").flatMap(userOptions),
    ...nodes.flatMap((node) =>
      optionsOf(node).map((option, index) =>
        index === 0 ? { ...option, comment: `${node.id}: ${node.type}` } : option,
      ),
    ),
  ]);
  const waits = nodes.some((node) => node.type === "service" && node.readiness !== undefined);
  return lambda(["lib", "pkgs"], waits ? letIn([waitUntil], options) : options);
};

const importPath = (file: string): Expression =>
  path(file.startsWith("/") ? file : `../${file.replace(/^(?:\.\/)+/, "")}`);

/** A default that the operator's own modules may replace. */
const byDefault = (value: Expression): Expression => apply(reference("lib", "mkDefault"), value);

const systemOptions = ({ system, stateVersion, rootDevice }: HostSpecification): ReadonlyArray<Binding> => [
  binding("nixpkgs.hostPlatform", string(system)),
  binding("system.stateVersion", string(stateVersion)),
  ...(rootDevice === undefined
    ? []
    : [
        binding(
          ["fileSystems", "/"],
          attributes([binding("device", byDefault(string(rootDevice))), binding("fsType", byDefault(string("ext4")))]),
        ),
        binding("boot.loader.grub.device", byDefault(string(diskOf(rootDevice)))),
      ]),
];

/** The disk that a partition is on, for the boot loader; `nodev` (none is installed) where the name does not tell. */
const diskOf = (partition: string): string =>
  /^(?<disk>\/dev\/(?:[shvx]v?d[a-z]+))\d+$/.exec(partition)?.groups?.disk ??
  /^(?<disk>\/dev\/(?:nvme\d+n\d+|mmcblk\d+))p\d+$/.exec(partition)?.groups?.disk ??
  /^(?<disk>\/dev\/disk\/by-(?:id|path)\/.+)-part\d+$/.exec(partition)?.groups?.disk ??
  "nodev";

/** The firewall lets in exactly what the graph says, and ssh, by which the host is deployed. */
const networkOptions = ({ id, ssh, publicPorts, paths, names }: HostSpecification): ReadonlyArray<Binding> => {
  const rules = [...new Set(paths.map(firewallRule))];
  return [
    binding("networking.hostName", string(id)),
    ...(names.length === 0
      ? []
      : [
          binding(
            "networking.hosts",
            attributes(names.map(({ address, nodes }) => binding([address], strings(nodes)))),
          ),
        ]),
    binding("networking.nftables.enable", boolean(true)),
    binding("networking.firewall.enable", boolean(true)),
    binding("networking.firewall.allowedTCPPorts", list(publicPorts.map(integer))),
    ...(rules.length === 0
      ? []
      : [binding("networking.firewall.extraInputRules", string(rules.map((rule) => `${rule}\n`).join("")))]),
    binding("services.openssh.enable", boolean(true)),
    binding("services.openssh.ports", list([integer(ssh.port)])),
    // Newer releases stop reading these files; a host whose keys are there would lock us out.
    binding("services.openssh.authorizedKeysInHomedir", byDefault(boolean(true))),
  ];
};

const userOptions = (user: string): ReadonlyArray<Binding> => [
  binding(["users", "users", user, "isSystemUser"], byDefault(boolean(true))),
  binding(["users", "users", user, "group"], byDefault(string(user))),
  binding(["users", "groups", user], attributes([])),
];
