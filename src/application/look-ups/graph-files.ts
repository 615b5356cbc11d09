import { Effect, HashMap, Option, Schema } from "effect";
import type { KnownToGraphs } from "../../domain/graph/contract.ts";
import type { graph } from "../../domain/graph/decider.ts";
import { HostFiles } from "../../domain/graph/host-files.ts";
import { digestsIn } from "../../domain/graph/node-files.ts";
import { holdsSecret } from "../../domain/graph/secrets.ts";
import type { GraphState } from "../../domain/graph/state.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { unavailableLog } from "../history.ts";
import { Artifacts, Digests } from "../ports/mod.ts";

/** Returns the stored texts of some digests, and the digests without a text. */
export const storedTexts = Effect.fnUntraced(function* (wanted: ReadonlySet<string>) {
  const artifacts = yield* Artifacts;
  const found = yield* Effect.forEach(
    wanted,
    (digest) => Effect.map(artifacts.get(digest), (text) => [digest, Option.getOrUndefined(text)] as const),
    { concurrency: 16 },
  );
  const texts = Object.fromEntries(
    found.flatMap(([digest, text]) => (text === undefined ? [] : [[digest, text] as const])),
  );
  return { texts, missing: new Set([...wanted].filter((digest) => !Object.hasOwn(texts, digest))) };
}, unavailableLog);

type GraphCommand = CommandOf<typeof graph.commands>;

/** Returns the nodes that a command contains; for an update of a node, the replaced fields. */
const broughtNodes = (command: GraphCommand): ReadonlyArray<{ readonly files?: unknown }> => {
  switch (command.type) {
    case "import":
      return command.payload.nodes.filter((node) => node.type === "host");
    case "add-node":
      return command.payload.node.type === "host" ? [command.payload.node] : [];
    case "update-node":
      return [command.payload.changes];
    default:
      return [];
  }
};

const isFiles = Schema.is(HostFiles);

/**
 * Finds the texts of the files that a command names. Texts in the command are stored here, before the graph gets their
 * digests. Otherwise an event could name a text that does not exist anywhere. A text that looks like a secret is not
 * stored, because the decider refuses it.
 */
const knownToGraph = Effect.fnUntraced(function* (command: GraphCommand, state: GraphState) {
  const nodes = broughtNodes(command).flatMap(({ files = {} }, index) =>
    isFiles(files) ? [{ id: `host-${index}`, type: "host" as const, files }] : [],
  );
  const named = new Set(nodes.flatMap(({ files }) => Object.values(files)));
  const had = state === null ? new Set<string>() : digestsIn(HashMap.values(state.content.nodes));
  const { sha256 } = yield* Digests;
  const { texts: given = [] } = "texts" in command.payload ? command.payload : {};
  const brought = new Map(given.map((text) => [sha256(text), text] as const));
  const texts = new Map([...brought].filter(([digest]) => named.has(digest) && !had.has(digest)));
  const others = new Set([...named].filter((digest) => !had.has(digest) && !texts.has(digest)));
  const { missing } = others.size === 0 ? { missing: others } : yield* storedTexts(others);
  const known: KnownToGraphs = { texts, missing };
  const artifacts = yield* Artifacts;
  const isClean = ([, text]: readonly [string, string]): boolean => !holdsSecret(text);
  const isAllowed = "allowSecretLike" in command.payload && command.payload.allowSecretLike !== undefined;
  yield* unavailableLog(
    Effect.forEach(
      [...texts].filter((one) => isAllowed || isClean(one)),
      ([digest, text]) => artifacts.put(digest, text),
      { concurrency: 16, discard: true },
    ),
  );
  return known;
});

/** Looks up what graph commands need. Only commands that name files need anything. */
export const lookUpForGraph = (command: GraphCommand, _id: string, state: GraphState) =>
  broughtNodes(command).some(({ files }) => files !== undefined) ? knownToGraph(command, state) : undefined;
