import { Option, Result, Schema } from "effect";
import type { Client, Json } from "../../agents/kit/mod.ts";
import type { Deployed } from "../../domain/deployment/host-changes.ts";
import {
  KnownHost,
  nameOfOrigin,
  type Origin,
  type OriginalGraph,
  originsOf,
  PastDeployment,
} from "../../domain/deployment/host-origins.ts";
import { decodeGraphDocument, hasErrors, problemsIn } from "../../domain/graph/problems.ts";
import { fieldOf } from "./document-text.ts";
import { storedDocument } from "./graph-source.ts";
import { everyDocument } from "./paging.ts";

const decodeHost = Schema.decodeUnknownOption(KnownHost);
const decodeDeployment = Schema.decodeUnknownOption(PastDeployment);

const every = async <T>(
  documents: AsyncIterable<Json>,
  decode: (document: Json) => Option.Option<T>,
): Promise<ReadonlyArray<T>> => {
  const found: Array<T> = [];
  for await (const document of documents) found.push(...Option.toArray(decode(document)));
  return found;
};

/** The graph that a host was built from; undefined where it is no valid one for this version of the command line. */
const originalGraph = async (
  client: Client,
  { graph: id, version }: Origin,
  signal: AbortSignal,
): Promise<OriginalGraph | undefined> => {
  const document = Result.getOrUndefined(decodeGraphDocument(await storedDocument(client, { id, version }, signal)));
  if (document === undefined || hasErrors(problemsIn(document))) return undefined;
  // The installation knows where the inputs of its flakes come from, which counts in the digest.
  const { data } = await client.query("graphs", "flake", { id, version, files: false }, { signal });
  return { document, flakeDigest: String(fieldOf(data, "digest")) };
};

/** What runs on every host, as far as the installation knows, and the graphs that it was built from. */
export const deployedNow = async (client: Client, signal: AbortSignal): Promise<Deployed> => {
  const hosts = await every(everyDocument(client, "hosts", signal), decodeHost);
  const deployments = await every(everyDocument(client, "deployments", signal), decodeDeployment);
  const origins = originsOf(hosts, deployments);
  const graphs = new Map<string, OriginalGraph>();
  for (const [name, origin] of new Map([...origins.values()].map((origin) => [nameOfOrigin(origin), origin]))) {
    const graph = await originalGraph(client, origin, signal);
    if (graph !== undefined) graphs.set(name, graph);
  }
  return { hosts, origins, graphs };
};
