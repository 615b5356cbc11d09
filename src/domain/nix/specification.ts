import { Result } from "effect";
import type { GraphDocument } from "../graph/document.ts";
import type { HostNode, Node } from "../graph/node.ts";
import { portOf } from "../graph/ports.ts";
import { type HostSpecification, specifyHost } from "./host.ts";
import { addressFamily, type Path, pathsTo } from "./network.ts";
import {
  isRenderable,
  type NodeSpecification,
  ownPathsOf,
  renderableTypes,
  specifyNode,
  unitOf,
  unitsOf,
} from "./node-kinds.ts";
import type { NotRenderable } from "./not-renderable.ts";
import type { Dependency, UnitRequirements } from "./systemd.ts";
import { type Topology, topologyOf } from "./topology.ts";

/** What every host of a graph must be: plain data, sorted, the same for every order of the graph's nodes and edges. */
export interface Specification {
  readonly graph: string;
  readonly hosts: ReadonlyArray<HostSpecification>;
}

/**
 * Derives a graph's specification, or every reason why it has none. The graph should be a valid one; whatever is not
 * said of a host here would be missing there, so nothing is left out silently.
 */
export const specify = (document: GraphDocument): Result.Result<Specification, ReadonlyArray<NotRenderable>> => {
  const topology = topologyOf(document);
  const problems = [...topology.nodes.values()].flatMap((node) => nodeProblems(topology, node));
  const hosts = topology.hosts.map((host) => {
    const { specification, problems: found } = specifyOne(topology, host);
    problems.push(...found);
    return specification;
  });
  return problems.length === 0 ? Result.succeed({ graph: document.id, hosts }) : Result.fail(distinct(problems));
};

/** A node on several hosts has the same problem on each. */
const distinct = (problems: ReadonlyArray<NotRenderable>): ReadonlyArray<NotRenderable> => [
  ...new Map(problems.map((problem) => [`${problem.node} ${problem.reason}`, problem])).values(),
];

/** What colmena's configuration has beside the hosts. */
const namesOfColmena = new Set(["defaults", "meta", "network"]);
const nameTaken = "the name has a meaning for colmena; give the host another one";

/** More than any machine has, and less than what numbers in Nix and systemd end at. */
const mostResources = 1e9;

/** What is wrong with a node wherever it runs. */
const nodeProblems = (topology: Topology, node: Node): ReadonlyArray<NotRenderable> => {
  if (node.type === "host") return namesOfColmena.has(node.id) ? [{ node: node.id, reason: nameTaken }] : [];
  const reasons = [
    ...(isRenderable(node)
      ? []
      : [`nodes of type ${node.type} cannot be deployed yet; what can is host, ${renderableTypes.join(", ")}`]),
    ...(isRenderable(node) && Object.values(node.resources ?? {}).some((amount) => amount > mostResources)
      ? ["its resources are beyond those of any machine; lower them"]
      : []),
    ...(topology.hostsOf(node.id).length === 0 ? ["it runs on no host; add a `runs-on` edge"] : []),
    ...topology
      .from(node.id, "replicates")
      .map(({ to }) => `that it replicates ${to} cannot be deployed yet; remove the \`replicates\` edge`),
    ...topology
      .from(node.id, "connects-to")
      .filter((edge) => edge.port === undefined && hasNoPort(topology.nodes.get(edge.to)))
      .map(({ to }) => `it connects to ${to}, but neither has the edge a \`port\` nor ${to}; add one`),
  ];
  return reasons.map((reason) => ({ node: node.id, reason }));
};

const hasNoPort = (node: Node | undefined): boolean =>
  node !== undefined && isRenderable(node) && portOf(node) === undefined;

interface Specified {
  readonly specification: HostSpecification;
  readonly problems: ReadonlyArray<NotRenderable>;
}

const specifyOne = (topology: Topology, host: HostNode): Specified => {
  const nodes: Array<NodeSpecification> = [];
  const paths: Array<Path> = [];
  const problems: Array<NotRenderable> = [];
  const units = new Map(unitsOfNixos.map((name) => [`${name}.service`, "NixOS itself"]));
  for (const node of topology.residents.get(host.id) ?? []) {
    if (!isRenderable(node)) continue;
    for (const unit of unitsOf(node)) {
      const owner = units.get(unit);
      if (owner === undefined) units.set(unit, node.id);
      else problems.push({ node: node.id, reason: unitTaken(unit, host.id, owner) });
    }
    const clients = pathsTo(topology, node, host);
    const ways = [...clients, ...ownPathsOf(node, { topology, host })];
    const specified = specifyNode(node, { host, topology, clients, unit: requirementsOf(topology, node, host) });
    if (Result.isSuccess(specified)) nodes.push(specified.success);
    else problems.push(...specified.failure.map((reason) => ({ node: node.id, reason })));
    problems.push(...ways.filter(({ address }) => addressFamily(address) === undefined).map(unknownAddress));
    paths.push(...ways);
  }
  return { specification: specifyHost(topology, host, nodes, paths), problems };
};

/** Services that NixOS cannot do without, and whose names a node would take from it. */
const unitsOfNixos = [
  "dbus",
  "nftables",
  "nix-daemon",
  "nscd",
  "polkit",
  "sshd",
  "systemd-journald",
  "systemd-logind",
  "systemd-udevd",
];

const unitTaken = (unit: string, host: string, owner: string): string =>
  `the unit ${unit} of host ${host} belongs to ${owner} already; place the node on another host or rename it`;

const unknownAddress = ({ from, to, address }: Path): NotRenderable => ({
  node: from,
  reason: `${to} lets it in by the address of its host, and "${address}" is no IP address; give the host one`,
});

/** What a node's `depends-on` edges and resources ask of its unit on a host. Across hosts, waves keep the order. */
const requirementsOf = (
  topology: Topology,
  node: Node & { readonly resources?: UnitRequirements["limits"] },
  host: HostNode,
): UnitRequirements => {
  const edges = topology.from(node.id, "depends-on");
  const dependencies = new Map<string, Dependency>();
  for (const edge of edges) {
    const target = topology.nodes.get(edge.to);
    if (target === undefined || !isRenderable(target) || !topology.hostsOf(target.id).includes(host)) continue;
    const unit = unitOf(target);
    const known = dependencies.get(unit) ?? { required: false, ordered: false };
    dependencies.set(unit, {
      unit,
      required: known.required || (edge.required ?? true),
      ordered: known.ordered || topology.canWait(edge),
    });
  }
  return {
    dependencies: [...dependencies.values()],
    startupDelaySeconds: Math.max(0, ...edges.map((edge) => edge.startupDelaySeconds ?? 0)),
    limits: node.resources ?? {},
  };
};
