import type { Edge } from "../../../../../src/domain/graph/edge.ts";
import { indexOf } from "../../../../../src/domain/graph/graph-index.ts";
import type { DatabaseNode, Node, StorageNode } from "../../../../../src/domain/graph/node.ts";
import { specify } from "../../../../../src/domain/nix/mod.ts";
import { unitsOf } from "../../../../../src/domain/nix/node-kinds.ts";
import { graph, host, runsOn, service } from "../graphs.ts";
import { type Configuration, configurations } from "../rendering.ts";

export const database =
  (engine: DatabaseNode["engine"]) =>
  (id: string, more: Partial<DatabaseNode> = {}): DatabaseNode => ({ id, type: "database", engine, ...more });

export const storage = (id: string, mountPath: string, more: Partial<StorageNode> = {}): StorageNode => ({
  id,
  type: "storage",
  kind: "local-disk",
  size: "10Gi",
  accessMode: "read-write-once",
  mountPath,
  ...more,
});

export const leaf = (
  name: string,
  nodes: ReadonlyArray<Node>,
  ...edges: Parameters<typeof graph>[1][]
): Configuration | undefined => configurations(graph(nodes, ...edges))[name];

/** The host of a database that is alone there. */
export const alone = (node: DatabaseNode): Configuration | undefined => leaf("leaf-1", [host("leaf-1"), node]);

/** The host of a database, which has volumes mounted at these paths. */
export const mounted = (node: DatabaseNode, ...paths: ReadonlyArray<string>): Configuration | undefined =>
  leaf(
    "leaf-1",
    [host("leaf-1"), node, ...paths.map((path, index) => storage(`disk-${index}`, path))],
    paths.map((_, index) => ({ from: node.id, to: `disk-${index}`, type: "mounts-volume" })),
  );

const reachingGraph = (node: DatabaseNode, encrypted: ReadonlyArray<boolean>) =>
  graph(
    [
      host("leaf-1"),
      host("leaf-2"),
      host("leaf-3", { address: "fd00::3" }),
      node,
      service("near"),
      service("web-2"),
      service("web-3"),
    ],
    runsOn(node.id, "leaf-1"),
    runsOn("near", "leaf-1"),
    runsOn("web-2", "leaf-2"),
    runsOn("web-3", "leaf-3"),
    { from: "near", to: node.id, type: "connects-to", protocol: "tcp" },
    encrypted.map((isEncrypted, index) => ({
      from: `web-${index + 2}`,
      to: node.id,
      type: "connects-to",
      protocol: "tcp",
      encrypted: isEncrypted,
    })),
  );

/** The host of a database, where a service on each of the other hosts connects to it. */
export const reached = (node: DatabaseNode, ...encrypted: ReadonlyArray<boolean>): Configuration | undefined =>
  configurations(reachingGraph(node, encrypted))["leaf-1"];

/** Three hosts with databases on the first, the second and so on. */
export const inARow = (nodes: ReadonlyArray<DatabaseNode>, ...edges: ReadonlyArray<Edge>) =>
  graph(
    [host("leaf-1"), host("leaf-2"), host("leaf-3", { address: "db3.example" }), ...nodes],
    ...nodes.map(({ id }, index) => runsOn(id, `leaf-${index + 1}`)),
    edges,
  );

/** A database on three hosts. */
export const onThree = (node: DatabaseNode) =>
  graph(
    [host("leaf-1"), host("leaf-2"), host("leaf-3", { address: "db3.example" }), node],
    runsOn(node.id, "leaf-1", "leaf-2", "leaf-3"),
  );

/** The secrets of a host, by their paths. */
export const secretsOf = (document: ReturnType<typeof graph>, name: string): ReadonlyArray<string> =>
  [...specify(document)].filter(({ id }) => id === name).flatMap(({ secrets }) => secrets.map(({ path }) => path));

/** The units that a database says it has on a host, and those of ours that the host's configuration defines. */
export const unitsAt = (document: ReturnType<typeof graph>, name: string) => {
  const topology = indexOf(document);
  const told = (topology.residents.get(name) ?? [])
    .flatMap((node) => {
      const at = topology.hosts.find(({ id }) => id === name);
      return node.type === "database" && at !== undefined ? unitsOf(node, { topology, host: at }) : [];
    })
    .toSorted();
  const { services = {}, timers = {} } = configurations(document)[name]?.systemd ?? {};
  const defined = [
    ...Object.keys(services).map((unit) => `${unit}.service`),
    ...Object.keys(timers).map((unit) => `${unit}.timer`),
  ];
  return { told, defined: defined.toSorted() };
};
