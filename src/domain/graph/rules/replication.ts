import { edgeIdentity, type ReplicatesEdge } from "../edge.ts";
import type { GraphIndex } from "../graph-index.ts";
import { error, type Problem } from "../problem.ts";

/** Why a database cannot be a standby of another one, in words; undefined where it can. */
const engineFault = ({ nodes }: GraphIndex, { from, to }: ReplicatesEdge): string | undefined => {
  const [standby, primary] = [nodes.get(from), nodes.get(to)];
  if (standby?.type !== "database" || primary?.type !== "database") return undefined;
  if (standby.engine !== primary.engine)
    return `\`${from}\` runs ${standby.engine} and \`${to}\` runs ${primary.engine}: choose a standby of the same engine`;
  if (standby.engine === "sqlite") return "SQLite databases are files and have no standbys: choose another engine";
  return undefined;
};

/** Every circle of databases in which each one follows the next. */
const circlesIn = (following: ReadonlyMap<string, ReplicatesEdge>): ReadonlyArray<ReadonlyArray<string>> => {
  const circles: Array<ReadonlyArray<string>> = [];
  const done = new Set<string>();
  for (const start of [...following.keys()].sort()) {
    const walk = new Set<string>();
    let at: string | undefined = start;
    for (; at !== undefined && !done.has(at) && !walk.has(at); at = following.get(at)?.to) walk.add(at);
    const steps = [...walk];
    if (at !== undefined && walk.has(at)) circles.push(steps.slice(steps.indexOf(at)));
    for (const step of steps) done.add(step);
  }
  return circles;
};

/**
 * `invalid-edge` of replication: between engines, of an engine that cannot, from a standby that has a primary already, or
 * round in a circle. (That a database is not its own standby is said of the edge's ends.)
 */
export const replication = (index: GraphIndex): ReadonlyArray<Problem> => {
  const edges = index.edges.filter((edge) => edge.type === "replicates").filter(({ from, to }) => from !== to);
  const following = new Map<string, ReplicatesEdge>();
  const problems: Array<Problem> = [];
  const say = (edge: ReplicatesEdge, why: string) => {
    const identity = edgeIdentity(edge);
    problems.push(
      error("invalid-edge", { nodes: [edge.from, edge.to], edges: [identity] }, `edge \`${identity}\`: ${why}`),
    );
  };
  for (const edge of edges) {
    const fault = engineFault(index, edge);
    if (fault !== undefined) say(edge, fault);
    const known = following.get(edge.from);
    if (known === undefined) following.set(edge.from, edge);
    else if (known.to !== edge.to)
      say(
        edge,
        `\`${edge.from}\` is a standby of \`${known.to}\` already and follows one primary: remove one of the edges`,
      );
  }
  for (const circle of circlesIn(following)) {
    const [first] = circle;
    const edge = first === undefined ? undefined : following.get(first);
    const round = [...circle, first].map((id) => `\`${id}\``).join(" → ");
    if (edge !== undefined)
      say(edge, `databases ${round} replicate each other, so none is the primary: remove one of the edges`);
  }
  return problems;
};
