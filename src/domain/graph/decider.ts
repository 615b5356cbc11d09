import { Result } from "effect";
import {
  accept,
  atOnce,
  bounds,
  type CommandOf,
  type DecisionContext,
  defineDecider,
  defined,
  Name,
  type PayloadOf,
  type Rejection,
  refuse,
  type Steps,
} from "../kernel/mod.ts";
import { saysTheSame } from "./canonical.ts";
import { allowances, consequences, disconnectEnds, missingTexts } from "./consequences.ts";
import { contentOf, emptyContent, textsIn } from "./content.ts";
import { type GraphEvent, graphCommands, graphEvents, type KnownToGraphs } from "./contract.ts";
import { findingDifferences } from "./differences.ts";
import type { GraphDocument } from "./document.ts";
import { inOrder } from "./problem.ts";
import { structuralProblems } from "./problems.ts";
import { checkingSecrets, checkSecrets, type SecretCheck } from "./secret-check.ts";
import { evolve, GraphState, graphStateInSteps } from "./state.ts";

type Command = CommandOf<typeof graphCommands>;
type Context = DecisionContext<KnownToGraphs | undefined>;
type Decision = Result.Result<ReadonlyArray<GraphEvent>, Rejection>;

/** Returns the events that make a graph, or a graph that does not exist yet, equal to a document. */
function* importEvents(
  graph: GraphState,
  document: GraphDocument,
  check: SecretCheck,
): Steps<ReadonlyArray<GraphEvent>> {
  const head: Array<GraphEvent> = [];
  if (graph === null) head.push({ type: "graph-created", data: defined({ description: document.description }) });
  else {
    if (graph.archived) head.push({ type: "graph-revived", data: {} });
    if (graph.description !== document.description)
      head.push({ type: "graph-described", data: defined({ description: document.description }) });
  }
  // A document without pins keeps the graph's pins. Otherwise a change of one line could bring another kernel.
  const { pins = graph?.pins } = document;
  if (pins !== undefined && !saysTheSame(pins, graph?.pins ?? null))
    head.push({ type: "inputs-pinned", data: { pins } });
  const { disconnected, removed, updated, added, connected } = yield* findingDifferences(
    graph?.content ?? emptyContent,
    contentOf(document),
  );
  yield;
  return [
    ...head,
    ...disconnected.map((id): GraphEvent => ({ type: "edge-disconnected", data: { id } })),
    ...removed.map((id): GraphEvent => ({ type: "node-removed", data: { id } })),
    ...updated.map(({ after }): GraphEvent => ({ type: "node-updated", data: { node: after } })),
    ...added.map((node): GraphEvent => ({ type: "node-added", data: { node } })),
    ...connected.map((edge): GraphEvent => ({ type: "edge-connected", data: { edge } })),
    ...allowances(check),
  ];
}

function* importGraph(
  graph: GraphState,
  { allowSecretLike, texts: _, ...document }: PayloadOf<typeof graphCommands, "import">,
  { aggregateId, known }: Context,
): Steps<Decision> {
  if (document.id !== aggregateId)
    return refuse(
      "id-mismatch",
      `the document is of graph \`${document.id}\`, not \`${aggregateId}\`: correct one of them`,
    );
  const check = yield* checkingSecrets(known === undefined ? document : { ...document, files: known.texts }, {
    allowed: allowSecretLike,
    before: () =>
      graph === null ? {} : { description: graph.description, pins: graph.pins, ...textsIn(graph.content) },
    recorded: graph === null ? [] : graph.secretLike.map(({ field }) => field),
  });
  const missing = known === undefined ? [] : missingTexts(document.nodes, known);
  const problems = inOrder([...check.problems, ...check.concealed(yield* structuralProblems(document)), ...missing]);
  const [first] = problems;
  if (first === undefined) return Result.succeed(yield* importEvents(graph, document, check));
  const others = problems.length > 1 ? ` (and ${problems.length - 1} more problems)` : "";
  return refuse("invalid-graph", `graph \`${aggregateId}\`: ${first.message}${others}`, { problems });
}

/** Decides about the sharing and the ownership of a graph. An archived graph still has an owner. */
const own = (
  command: Extract<Command, { type: "share" | "unshare" | "transfer" }>,
  { owner, editors }: NonNullable<GraphState>,
  aggregateId: string,
): Decision => {
  if (command.type === "transfer")
    return command.payload.to === owner ? accept() : accept({ type: "graph-transferred", data: command.payload });
  const isShared = editors.includes(command.payload.with);
  if (command.type === "unshare")
    return isShared ? accept({ type: "graph-unshared", data: command.payload }) : accept();
  if (isShared || command.payload.with === owner) return accept();
  return editors.length < bounds.list
    ? accept({ type: "graph-shared", data: command.payload })
    : refuse(
        "too-many-editors",
        `graph \`${aggregateId}\` is shared with ${editors.length} principals, which is the maximum: unshare it with some`,
        { limit: bounds.list },
      );
};

/** Decides an import with pauses, because it may be large. */
function* decideInSteps(command: Command, graph: GraphState, context: Context): Steps<Decision> {
  return command.type === "import"
    ? yield* importGraph(graph, command.payload, context)
    : change(command, graph, context);
}

const pin = (given: NonNullable<GraphDocument["pins"]>, graph: NonNullable<GraphState>): Decision => {
  const [secret] = checkSecrets({ pins: given }).problems;
  if (secret !== undefined) return refuse(secret.code, secret.message);
  const pins = { ...graph.pins, ...given };
  return saysTheSame(pins, graph.pins ?? null) ? accept() : accept({ type: "inputs-pinned", data: { pins } });
};

const change = (
  command: Exclude<Command, { type: "import" }>,
  graph: GraphState,
  { aggregateId, known }: Context,
): Decision => {
  if (graph === null) return refuse("not-found", `there is no graph \`${aggregateId}\`: import it first`);
  if (command.type === "share" || command.type === "unshare" || command.type === "transfer")
    return own(command, graph, aggregateId);
  if (command.type === "archive") return graph.archived ? accept() : accept({ type: "graph-archived", data: {} });
  if (graph.archived)
    return refuse("archived", `graph \`${aggregateId}\` is archived and takes no changes: import it to revive it`);
  if (command.type === "pin") return pin(command.payload.pins, graph);
  if (command.type === "disconnect")
    return "id" in command.payload
      ? consequences(graph.content, { type: "disconnect", id: command.payload.id })
      : disconnectEnds(graph.content, command.payload);
  switch (command.type) {
    case "add-node": {
      const { allowSecretLike: allowed, texts: _, ...payload } = command.payload;
      return consequences(graph.content, { type: command.type, ...payload }, { allowed, known });
    }
    case "update-node": {
      const { allowSecretLike: allowed, texts: _, ...payload } = command.payload;
      return consequences(graph.content, { type: command.type, ...payload }, { allowed, known });
    }
    case "remove-node":
      return consequences(graph.content, { type: command.type, ...command.payload });
    case "connect": {
      const { allowSecretLike, ...payload } = command.payload;
      return consequences(graph.content, { type: command.type, ...payload }, { allowed: allowSecretLike });
    }
  }
};

/** The design of a deployment: nodes, and the edges between them. */
export const graph = defineDecider<KnownToGraphs | undefined>()({
  name: "graph",
  description: "The design of a deployment: nodes, and the edges between them.",
  id: Name,
  commands: graphCommands,
  events: graphEvents,
  relations: {
    owner: (graph, { principal }) => graph?.owner === principal,
    editor: (graph, { principal }) => graph?.editors.includes(principal) === true,
  },
  state: GraphState,
  stateInSteps: graphStateInSteps,
  stateVersion: 4,
  initial: null,
  decide: (command, graph, context) => atOnce(decideInSteps(command, graph, context)),
  decideInSteps,
  evolve,
});
