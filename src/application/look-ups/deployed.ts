import { Effect } from "effect";
import type { DataFate } from "../../domain/deployment/data/fate.ts";
import {
  dataOriginsOf,
  fatesOf,
  type KnownHost,
  nameOfOrigin,
  type Origin,
  type OriginalGraph,
} from "../../domain/deployment/host-changes.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { ReadModels } from "../read-models.ts";
import { graphAt } from "./graphs.ts";

/** Returns the graphs from which hosts were built, by {@link nameOfOrigin}. */
export const graphsOf = Effect.fnUntraced(function* (origins: Iterable<Origin>) {
  const graphs = new Map<string, Pick<OriginalGraph, "document">>();
  for (const origin of origins) {
    const name = nameOfOrigin(origin);
    if (graphs.has(name)) continue;
    const graph = yield* graphAt(origin.graph, origin.version);
    if (graph !== undefined && "found" in graph) graphs.set(name, graph.found);
  }
  return graphs;
});

const originsNow = Effect.fnUntraced(function* (hosts: ReadonlyArray<KnownHost>) {
  const deployments = yield* (yield* ReadModels).upToDate("deployments");
  return dataOriginsOf(hosts, [...deployments.values()]);
});

const hostsNow = Effect.gen(function* () {
  return [...(yield* (yield* ReadModels).upToDate("hosts")).values()] as ReadonlyArray<KnownHost>;
});

/**
 * Returns the effects that a deployment of a graph, to some or all hosts, would have on the data that are on the hosts
 * now.
 */
export const dataUnder = Effect.fnUntraced(function* (document: GraphDocument, hosts?: ReadonlyArray<string>) {
  const dataOrigins = yield* originsNow(yield* hostsNow);
  return fatesOf(document, { dataOrigins, graphs: yield* graphsOf(dataOrigins.values()) }, hosts);
});

/**
 * Returns the effects that a return to earlier closures would have on the data that are on the hosts now. Each host
 * returns to the graph from which its closure was built. If the closure is not from a deployment, nothing is known
 * about it, so its host is left out.
 */
export const dataUnderRollback = Effect.fnUntraced(function* (previous: ReadonlyMap<string, string>) {
  const hosts = yield* hostsNow;
  const now = yield* originsNow(hosts);
  const then = yield* originsNow(
    hosts.flatMap(({ id }) => {
      const closure = previous.get(id);
      return closure === undefined ? [] : [{ id, closure, drift: false }];
    }),
  );
  const graphs = yield* graphsOf([...now.values(), ...then.values()]);
  const fates: Array<DataFate> = [];
  for (const [name, group] of Map.groupBy(then, ([, origin]) => nameOfOrigin(origin))) {
    const target = graphs.get(name);
    if (target === undefined) continue;
    const ids = group.map(([id]) => id);
    fates.push(...fatesOf(target.document, { dataOrigins: now, graphs }, ids).filter(({ host }) => ids.includes(host)));
  }
  return fates;
});
