import { type Effect, type Option, Result, Schema } from "effect";
import {
  type Asked,
  type CommandOf,
  type CommandSpecs,
  codecInOneStep,
  type Decider,
  type DecisionContext,
  type EventOf,
  type EventSpecs,
  type EvolveContext,
  type Rejection,
  type Relation,
  type Steps,
} from "../domain/kernel/mod.ts";
import { type CommandError, decodeStrictly, type FieldProblem, fieldProblems } from "./command-error.ts";
import type { StoredEvent } from "./ports/mod.ts";

/** An event before it is stored. */
export interface DecidedEvent {
  readonly type: string;
  readonly schemaVersion: number;
  readonly data: Schema.Json;
}

/** A command for an aggregate. Its `payload` has been decoded with the command's schema. */
export interface DecodedCommand {
  readonly type: string;
  readonly payload: unknown;
}

/**
 * A decider without its types, as the application uses it. Only {@link aggregateOf} creates it. This keeps the hidden
 * types sound: the application passes back only states, payloads and events that came from the same decider.
 */
export interface Aggregate<R = never> {
  readonly name: string;
  readonly description: string;
  readonly commands: CommandSpecs;
  readonly events: EventSpecs;
  readonly stateVersion: number;
  readonly initial: unknown;
  /** Returns why an id is invalid; undefined if this aggregate may have it. */
  readonly idProblem: (id: string) => string | undefined;
  readonly decodePayload: (command: string, payload: unknown) => Result.Result<unknown, ReadonlyArray<FieldProblem>>;
  readonly lookUp: (
    command: DecodedCommand,
    aggregateId: string,
    state: unknown,
    principal: string,
  ) => Effect.Effect<unknown, CommandError, R> | undefined;
  /** Returns whether a principal has a relation to the aggregate that a row of its commands names. */
  readonly relates: (
    relation: Relation,
    state: unknown,
    asked: { readonly id: string; readonly principal: string; readonly command: DecodedCommand },
  ) => boolean;
  /** Decides, with pauses for long decisions. */
  readonly decide: (
    command: DecodedCommand,
    state: unknown,
    context: DecisionContext<unknown>,
  ) => Steps<Result.Result<ReadonlyArray<DecidedEvent>, Rejection>>;
  readonly evolve: (state: unknown, event: Pick<StoredEvent, "type" | "data">, context: EvolveContext) => unknown;
  /** Converts an event of an older schema version to the newest. */
  readonly upcast: (event: StoredEvent) => StoredEvent;
  /** Returns the state as JSON, with pauses for large states. */
  readonly encodeState: (state: unknown) => Steps<Schema.Json>;
  /** Returns the state in JSON; none if the JSON is not a state of this version. Pauses for large states. */
  readonly decodeState: (json: Schema.Json) => Steps<Option.Option<unknown>>;
}

const upcastWith =
  (events: EventSpecs) =>
  (stored: StoredEvent): StoredEvent => {
    const spec = events[stored.type];
    if (spec === undefined || stored.schemaVersion >= spec.version) return stored;
    let { data } = stored;
    for (let version = stored.schemaVersion; version < spec.version; version++) {
      const upcaster = spec.upcasters?.[version];
      if (upcaster !== undefined) data = upcaster(data);
    }
    return { ...stored, schemaVersion: spec.version, data };
  };

/**
 * Returns the {@link Aggregate} of a decider. `lookUp` finds what a decision needs from elsewhere. It gets the state to
 * see what is needed. That state may be stale.
 */
export const aggregateOf = <State, C extends CommandSpecs, E extends EventSpecs, Known, R = never>(
  decider: Decider<State, C, E, Known>,
  lookUp?: (
    command: CommandOf<C>,
    aggregateId: string,
    state: State,
    principal: string,
  ) => Effect.Effect<Known, CommandError, R> | undefined,
): Aggregate<R> => {
  const decodeId = Schema.decodeUnknownResult(decider.id);
  const decoders = new Map(
    Object.entries(decider.commands).map(([name, spec]) => [name, Schema.decodeUnknownResult(spec.schema)]),
  );
  const relations = new Map<string, (state: State, asked: Asked<C>) => boolean>(Object.entries(decider.relations));
  const states = decider.stateInSteps ?? codecInOneStep(decider.state);
  return {
    name: decider.name,
    description: decider.description,
    commands: decider.commands,
    events: decider.events,
    stateVersion: decider.stateVersion,
    initial: decider.initial,
    idProblem: (id) => {
      const decoded = decodeId(id);
      return Result.isSuccess(decoded) ? undefined : fieldProblems(decoded.failure)[0]?.problem;
    },
    decodePayload: (command, payload) => {
      const decode = decoders.get(command);
      if (decode === undefined) return Result.fail([{ field: "", problem: `there is no command ${command}` }]);
      return decodeStrictly(decode, payload);
    },
    lookUp: (command, aggregateId, state, principal) =>
      lookUp?.(command as CommandOf<C>, aggregateId, state as State, principal),
    relates: (relation, state, { id, principal, command }) => {
      const holds = relations.get(relation);
      return holds?.(state as State, { id, principal, command: command as CommandOf<C> }) === true;
    },
    *decide(command, state, context) {
      const asked = [command as CommandOf<C>, state as State, context as DecisionContext<Known>] as const;
      const decision =
        decider.decideInSteps === undefined ? decider.decide(...asked) : yield* decider.decideInSteps(...asked);
      return Result.map(decision, (events) =>
        events.map((event) => ({
          type: event.type,
          schemaVersion: decider.events[event.type]?.version ?? 1,
          data: event.data as Schema.Json,
        })),
      );
    },
    evolve: (state, event, context) =>
      event.type in decider.events ? decider.evolve(state as State, event as EventOf<E>, context) : state,
    upcast: upcastWith(decider.events),
    encodeState: (state) => states.encode(state as State),
    decodeState: states.decode,
  };
};
