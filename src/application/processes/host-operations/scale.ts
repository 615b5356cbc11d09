import { Effect, Result, Schema } from "effect";
import { Target } from "../../../domain/deployment/contract.ts";
import { applyChanges, type GraphChange } from "../../../domain/graph/changes.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { edgeIdentity } from "../../../domain/graph/edge.ts";
import { host } from "../../../domain/host/decider.ts";
import { type CommandOf, defined } from "../../../domain/kernel/mod.ts";
import type { Action } from "../../action.ts";
import { CommandHandling } from "../../command-handling.ts";
import type { CommandRequest } from "../../command-request.ts";
import { graphAt } from "../../look-ups/graphs.ts";
import { give } from "../actions.ts";
import { operationsName } from "./state.ts";

const Scaling = Schema.Struct({
  /** The id of the operation and of its deployment. */
  operation: Schema.String,
  host: Schema.String,
  change: Schema.Int,
  graph: Schema.String,
  target: Target,
  node: Schema.String,
  hosts: Schema.Array(Schema.String),
  /** The nodes whose data may be lost, as approved by the vote on the change. */
  acceptDataLoss: Schema.optionalKey(Schema.Array(Schema.String)),
});
type Scaling = typeof Scaling.Type;
const decode = Schema.decodeUnknownEffect(Scaling);

/** Returns the changes after which a node runs on exactly these hosts. */
export const placementChanges = (
  { edges }: GraphDocument,
  node: string,
  hosts: ReadonlyArray<string>,
): ReadonlyArray<GraphChange> => {
  const placed = edges.filter((edge) => edge.type === "runs-on" && edge.from === node);
  return [
    ...placed
      .filter(({ to }) => !hosts.includes(to))
      .map((edge) => ({ type: "disconnect", id: edgeIdentity(edge) }) as const),
    ...hosts
      .filter((to) => placed.every((edge) => edge.to !== to))
      .map((to) => ({ type: "connect", edge: { from: node, to, type: "runs-on" } }) as const),
  ];
};

type Outcome = Extract<CommandOf<typeof host.commands>, { type: "record-operated" }>["payload"];

const finished = ({ host: id, change }: Scaling, more: Omit<Outcome, "change">): ReadonlyArray<Action> => [
  give(host, id, { type: "record-operated", payload: { change, ...more } }),
];

/**
 * Gives a command. Returns its version, or the refusal of a rule or schema. If the store does not answer, the error
 * propagates and the caller tries again.
 */
const ask = Effect.fnUntraced(function* (request: Omit<CommandRequest, "principal" | "audience">) {
  const handling = yield* CommandHandling;
  const outcome = yield* Effect.result(
    handling.handle({ ...request, principal: operationsName, audience: "internal" }),
  );
  if (Result.isSuccess(outcome)) return { version: outcome.success.version };
  const { failure } = outcome;
  if (failure.code === "unavailable" || failure.code === "timeout") return yield* failure;
  return { refused: failure.message };
});

/**
 * Places a node on other hosts: imports the graph with the new edges, and requests its deployment, which has its own
 * vote. Both commands have ids of the operation, so each happens only once.
 */
export const scale = Effect.fnUntraced(function* (input: Schema.Json) {
  const scaling = yield* Effect.orDie(decode(input));
  const { operation, graph, target, node, hosts, acceptDataLoss } = scaling;
  const graphs = yield* graphAt(graph);
  if (graphs === undefined || !("found" in graphs)) return finished(scaling, { failure: `graph ${graph} is gone` });
  const { document, version } = graphs.found;
  const amended = applyChanges(document, placementChanges(document, node, hosts));
  if (Result.isFailure(amended)) return finished(scaling, { failure: amended.failure.message });
  const imported = yield* ask({
    aggregate: "graph",
    id: graph,
    command: "import",
    payload: amended.success,
    commandId: `${operation}:import`,
    correlationId: operation,
    expectedVersion: version,
  });
  if (imported.refused !== undefined) return finished(scaling, { failure: imported.refused });
  const requested = yield* ask({
    aggregate: "deployment",
    id: operation,
    command: "request",
    payload: { graph, version: imported.version, target, ...defined({ acceptDataLoss }) },
    commandId: `${operation}:request`,
    correlationId: operation,
  });
  return finished(
    scaling,
    requested.refused === undefined ? { deployment: operation } : { failure: requested.refused },
  );
});
