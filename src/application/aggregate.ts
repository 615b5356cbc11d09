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

/** A command as an aggregate takes it; `payload` has been decoded with the command's schema. */
export interface DecodedCommand {
  readonly type: string;
  readonly payload: unknown;
}

/**
 * What the application knows of any decider, without its types. Made by {@link aggregateOf} only, which is what keeps
 * the hidden types sound: states, payloads and events go in only where they came out before.
 */
export interface Aggregate<R = never> {
  readonly name: string;
  readonly description: string;
  readonly commands: CommandSpecs;
  readonly events: EventSpecs;
  readonly stateVersion: number;
  readonly initial: unknown;
  /** Returns what is wrong with an id; undefined if it may be an id of this aggregate. */
  readonly idProblem: (id: string) => string | undefined;
  readonly decodePayload: (command: string, payload: unknown) => Result.Result<unknown, ReadonlyArray<FieldProblem>>;
  readonly lookUp: (
    command: DecodedCommand,
    aggregateId: string,
    state: unknown,
    principal: string,
  ) => Effect.Effect<unknown, CommandError, R> | undefined;
  /** Whether a principal has a relation to the aggregate, which a row of its commands names. */
  readonly relates: (
    relation: Relation,
    state: unknown,
    asked: { readonly id: string; readonly principal: string; readonly command: DecodedCommand },
  ) => boolean;
  /** Decides, with pauses if that may be long. */
  readonly decide: (
    command: DecodedCommand,
    state: unknown,
    context: DecisionContext<unknown>,
  ) => Steps<Result.Result<ReadonlyArray<DecidedEvent>, Rejection>>;
  readonly evolve: (state: unknown, event: Pick<StoredEvent, "type" | "data">, context: EvolveContext) => unknown;
  /** Brings an event of any older schema version to the newest. */
  readonly upcast: (event: StoredEvent) => StoredEvent;
  /** The state as JSON, with pauses if it may be large. */
  readonly encodeState: (state: unknown) => Steps<Schema.Json>;
  /** None if the JSON is not a state of this version; with pauses if it may be large. */
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
 * Makes an {@link Aggregate} of a decider. `lookUp` finds, elsewhere, what the decider's decision needs to know; the
 * state, which may be stale, decides whether it needs anything.
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
