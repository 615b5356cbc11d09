import { Effect, Struct } from "effect";
import type { GraphEntry, GraphSummary, GraphVersion, VersionDeployment } from "../../contract/views/graphs.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import { graph } from "../../domain/graph/decider.ts";
import { GraphDocument } from "../../domain/graph/document.ts";
import { filesOfNode } from "../../domain/graph/node-files.ts";
import { commitLines, missingVersion } from "../../domain/graph/versions.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { inputsOf } from "../../domain/nix/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { type DigestedFlake, filesOf } from "../graph-work.ts";
import { storedTexts } from "../look-ups/graph-files.ts";
import { examinedGraph, flakeByDigest, flakeOf, flakeTextOf, namedGraph } from "../look-ups/graphs.ts";
import { type Artifacts, type Digests, type EventStore, FlakeInputs, type Snapshots } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { ReadModels } from "../read-models.ts";
import { pageOf } from "./documents.ts";
import { amendedDeployment, historyOf } from "./events-of.ts";

/** Returns a graph at a version, or refuses if it does not exist. */
export const existingGraph = Effect.fnUntraced(function* (id: string, version?: number) {
  const graphs = yield* namedGraph(id, version);
  if (graphs === undefined) return yield* notFound("graph", id);
  if ("found" in graphs) return graphs.found;
  const { reason, message, details } = missingVersion(id, version ?? 0, graphs.missing);
  return yield* new CommandError({ code: "rejected", message, details: { ...details, reason } });
});

/** Returns the deployments of a graph, by their version. */
const deploymentsByVersion = Effect.fnUntraced(function* (id: string) {
  const { documents } = yield* (yield* ReadModels).documents("deployments");
  const byVersion = new Map<number, Array<VersionDeployment>>();
  for (const { id: deployment, graph: of, graphVersion, target, status } of documents.values()) {
    if (of !== id) continue;
    byVersion.set(graphVersion, [...(byVersion.get(graphVersion) ?? []), { id: deployment, target, status }]);
  }
  return byVersion;
});

/** Returns the versions of a graph that can be named, newest first. Each is the end of a commit. */
const versions = Effect.fnUntraced(function* ({ id, limit, before }: FullInputOf<"graphs", "versions">) {
  const history = yield* historyOf(graph, id);
  if (history.length === 0) return yield* notFound("graph", id);
  const deployments = yield* deploymentsByVersion(id);
  const lineOf = commitLines();
  const all = history.map(({ commit, events }): GraphVersion => {
    const version = commit.firstVersion + commit.events.length - 1;
    return {
      version,
      position: commit.position,
      time: commit.time,
      actor: commit.actor,
      command: commit.command,
      ...defined({ amends: amendedDeployment(commit) }),
      changes: commit.events.length,
      text: lineOf(events),
      deployments: (deployments.get(version) ?? []).toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    };
  });
  const earlier = all.filter(({ version }) => before === undefined || version < before).toReversed();
  const items = earlier.slice(0, limit);
  return { items, ...defined({ before: items.length < earlier.length ? items.at(-1)?.version : undefined }) };
});

const summaryOf = (document: GraphEntry): GraphSummary => ({
  ...Struct.omit(document, ["nodes", "edges"]),
  nodeCount: document.nodes.length,
  edgeCount: document.edges.length,
});

/** Returns a flake with its files, if they fit into the answer. */
const withFiles = Effect.fnUntraced(function* <E, R>(
  { bytes, digest }: DigestedFlake,
  text: Effect.Effect<string, E, R>,
  room: number,
) {
  if (bytes > room)
    return yield* new CommandError({
      code: "rejected",
      message: `the flake has ${bytes} bytes, more than the ${room} of an answer: ask without \`files\``,
      details: { reason: "too-large" },
    });
  return { digest, files: filesOf(yield* text) ?? {} };
});

const flakeMissing = (id: string, digest: string) =>
  new CommandError({
    code: "rejected",
    message: `graph \`${id}\`: flake ${digest} is no longer stored, and the graph now renders differently: deploy again`,
    details: { reason: "flake-missing" },
  });

/** The answers about graphs. */
export const graphAnswers = {
  get: Effect.fnUntraced(function* ({ id, version }, documents) {
    const known = documents.get(id);
    // The history cannot be read to its end, so the answer is the graph before the damage.
    if (version === undefined && known?.damaged !== undefined) {
      const { digest, problems } = yield* examinedGraph(Struct.pick(known, Struct.keys(GraphDocument.fields)));
      return { ...known, digest, problems: problems.map((problem) => ({ ...problem })) };
    }
    const {
      document,
      archived,
      owner,
      editors,
      secretLike,
      time,
      version: at,
      position,
    } = yield* existingGraph(id, version);
    const { digest, problems } = yield* examinedGraph(document);
    return {
      ...document,
      version: at,
      position,
      archived,
      owner,
      editors,
      secretLike,
      digest,
      problems: problems.map((problem) => ({ ...problem })),
      ...defined({ createdAt: documents.get(id)?.createdAt }),
      updatedAt: time,
    };
  }),
  versions,
  list: (input, documents, room) => Effect.succeed(pageOf(documents, input, summaryOf, room)),
  file: Effect.fnUntraced(function* ({ id, version, host, path }) {
    const { document } = yield* existingGraph(id, version);
    const node = document.nodes.find((one) => one.id === host);
    const digest = node === undefined ? undefined : filesOfNode(node)[path];
    if (digest === undefined)
      return yield* new CommandError({
        code: "rejected",
        message: `graph \`${id}\`: there is no file \`${path}\` of a host \`${host}\``,
        details: { reason: "not-found" },
      });
    const { [digest]: text } = (yield* storedTexts(new Set([digest]))).texts;
    if (text !== undefined) return { digest, text };
    return yield* new CommandError({
      code: "rejected",
      message: `graph \`${id}\`: the text of \`${path}\` (${digest}) is not stored: import the graph from its file`,
      details: { reason: "file-missing" },
    });
  }),
  inputs: Effect.fnUntraced(function* ({ id, version }) {
    const { document } = yield* existingGraph(id, version);
    return { inputs: inputsOf(document, yield* FlakeInputs) };
  }),
  flake: Effect.fnUntraced(function* ({ id, version, digest: decided, files }, _, room) {
    const { document } = yield* existingGraph(id, version);
    if (decided !== undefined) {
      const stored = yield* flakeByDigest(decided, document);
      if (stored === undefined) return yield* flakeMissing(id, decided);
      const text = Effect.flatMap(flakeTextOf(decided), (found) =>
        found === undefined ? Effect.fail(flakeMissing(id, decided)) : Effect.succeed(found),
      );
      return files ? yield* withFiles(stored, text, room) : { digest: decided };
    }
    const problems = (yield* examinedGraph(document)).problems.filter(({ severity }) => severity === "error");
    if (problems.length > 0)
      return yield* new CommandError({
        code: "rejected",
        message: `graph \`${id}\` cannot be rendered: ${problems[0]?.message}`,
        details: { reason: "invalid-graph", problems: problems.map((problem) => ({ ...problem })) },
      });
    const rendered = yield* flakeOf(document);
    const text = Effect.sync(() => new TextDecoder().decode(rendered.content));
    return files ? yield* withFiles(rendered, text, room) : { digest: rendered.digest };
  }),
} satisfies AnswersOf<"graphs", Artifacts | Digests | EventStore | ReadModels | Snapshots>;
