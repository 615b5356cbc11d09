import type { Result, Schema } from "effect";
import type { Relation, Row } from "./authority.ts";
import type { Rejection } from "./rejection.ts";
import type { StepCodec } from "./state-codec.ts";
import type { Steps } from "./steps.ts";

/** A schema whose values need no services to be decoded or encoded. */
export type PlainSchema<T = unknown> = Schema.Codec<T, unknown>;

/**
 * One command of an aggregate.
 *
 * `public` commands are reachable on a subject; `internal` ones only by process managers, so that nobody outside can
 * forge the course of a workflow. `creates` marks those that an aggregate which does not exist yet accepts.
 */
export interface CommandSpec<T = unknown, Encoded = unknown, Audience = "public" | "internal", By extends Row = Row> {
  readonly schema: Schema.Codec<T, Encoded>;
  readonly audience: Audience;
  /** Who may give it. The backend itself may give every command. */
  readonly by: By;
  readonly creates?: boolean;
  readonly description: string;
}

/**
 * One event of an aggregate: the schema of its newest version, and how each older version becomes the next one
 * (`upcasters[1]` turns version 1 into version 2).
 */
export interface EventSpec<T = unknown> {
  readonly schema: PlainSchema<T>;
  readonly version: number;
  readonly upcasters?: Readonly<Record<number, (data: Schema.Json) => Schema.Json>>;
  readonly description: string;
}

export type CommandSpecs = Readonly<Record<string, CommandSpec>>;
export type EventSpecs = Readonly<Record<string, EventSpec>>;

/** The union of an aggregate's commands: `{ type: "add-node", payload: … } | …`. */
export type CommandOf<C extends CommandSpecs> = {
  readonly [K in keyof C & string]: { readonly type: K; readonly payload: C[K]["schema"]["Type"] };
}[keyof C & string];

type ConditionsIn<P> = P extends ReadonlyArray<infer A> ? (A extends ReadonlyArray<infer C> ? C : A) : never;
type PermittedIn<R> = R extends { readonly make: infer M; readonly change: infer C } ? M | C : R;

/** The relations that the rows of some commands name. */
export type RelationsOf<C extends CommandSpecs> = Extract<ConditionsIn<PermittedIn<C[keyof C]["by"]>>, Relation>;

/** A command, and the principal that gives it to the aggregate `id`. */
export interface Asked<C extends CommandSpecs> {
  readonly id: string;
  readonly principal: string;
  readonly command: CommandOf<C>;
}

/**
 * How a decider answers each relation that its rows name. A relation that cannot be told in a state holds there if the
 * decider refuses the command anyway, with a better reason.
 */
export type Relations<State, C extends CommandSpecs> = {
  readonly [R in RelationsOf<C>]: (state: State, asked: Asked<C>) => boolean;
};

/** The union of an aggregate's events: `{ type: "node-added", data: … } | …`. */
export type EventOf<E extends EventSpecs> = {
  readonly [K in keyof E & string]: { readonly type: K; readonly data: E[K]["schema"]["Type"] };
}[keyof E & string];

/** The payload of one command, or of several: `PayloadOf<typeof taskCommands, "submit">`. */
export type PayloadOf<C extends CommandSpecs, K extends keyof C & string> = C[K]["schema"]["Type"];

/** The data of one event, or of several: `DataOf<typeof taskEvents, "task-assigned">`. */
export type DataOf<E extends EventSpecs, K extends keyof E & string> = E[K]["schema"]["Type"];

/** The answer of a decider: the events that follow, or why a rule refused the command. */
export type DecisionOf<E extends EventSpecs> = Result.Result<ReadonlyArray<EventOf<E>>, Rejection>;

/**
 * What comes in with a command besides its payload: time, ids, the principal, and `known`: what the application looked
 * up elsewhere for this command (the digest of a graph, the eligible voters). A decider has no clock and does no I/O.
 */
export interface DecisionContext<Known = undefined> {
  readonly aggregateId: string;
  readonly commandId: string;
  readonly principal: string;
  /** ISO 8601 with milliseconds, UTC. It becomes the commit's time. */
  readonly time: string;
  /** The public nkey that the command is signed with, if it is signed and the signature fits. */
  readonly signedBy?: string;
  readonly known: Known;
}

/** What is known of an event besides its data. */
export interface EvolveContext {
  readonly aggregateId: string;
  /** The number of the event in its aggregate, from 1. */
  readonly version: number;
  readonly actor: string;
  readonly time: string;
}

/**
 * An aggregate as a pure function: commands and a state give events, events give a state.
 *
 * Everything generic (subjects, AsyncAPI, snapshots, upcasting, given/when/then tests) is derived from this value.
 * `stateVersion` must grow whenever `state` or `evolve` change meaning: older snapshots are then ignored.
 * After Chassaing, "Functional Event Sourcing Decider" (2021).
 */
export interface Decider<State, C extends CommandSpecs, E extends EventSpecs, Known = undefined> {
  readonly name: string;
  readonly description: string;
  /** Form of the aggregate's ids. */
  readonly id: Schema.Codec<string, string>;
  readonly commands: C;
  readonly events: E;
  /** What principals are to an aggregate, for the rows of its commands. */
  readonly relations: Relations<State, C>;
  readonly state: PlainSchema<State>;
  /** The JSON of a state, as `state` has it, made and read with pauses, if a state may be large. */
  readonly stateInSteps?: StepCodec<State>;
  readonly stateVersion: number;
  readonly initial: State;
  readonly decide: (command: CommandOf<C>, state: State, context: DecisionContext<Known>) => DecisionOf<E>;
  /** The same with pauses, if a decision may be long. */
  readonly decideInSteps?: (
    command: CommandOf<C>,
    state: State,
    context: DecisionContext<Known>,
  ) => Steps<DecisionOf<E>>;
  readonly evolve: (state: State, event: EventOf<E>, context: EvolveContext) => State;
}

/** Gives a decider its types: write `export const task = defineDecider({ … })`. */
export const defineDecider =
  <Known = undefined>() =>
  <State, const C extends CommandSpecs, const E extends EventSpecs>(
    decider: Decider<State, C, E, Known>,
  ): Decider<State, C, E, Known> =>
    decider;

/** A public command, with its row in the table of who may give it. */
export const command = <T, Encoded, const By extends Row>(
  schema: Schema.Codec<T, Encoded>,
  description: string,
  options: { readonly by: By; readonly creates?: boolean },
): CommandSpec<T, Encoded, "public", By> => ({ schema, audience: "public", description, ...options });

/** A command that only the backend gives. */
export const internalCommand = <T, Encoded>(
  schema: Schema.Codec<T, Encoded>,
  description: string,
  options: { readonly creates?: boolean } = {},
): CommandSpec<T, Encoded, "internal", "system"> => ({
  schema,
  audience: "internal",
  by: "system",
  description,
  ...options,
});

/** An event in its first schema version, or in a later one with the upcasters that lead to it. */
export const event = <T>(
  schema: PlainSchema<T>,
  description: string,
  history: { readonly version: number; readonly upcasters: NonNullable<EventSpec["upcasters"]> } = {
    version: 1,
    upcasters: {},
  },
): EventSpec<T> => ({ schema, description, ...history });
