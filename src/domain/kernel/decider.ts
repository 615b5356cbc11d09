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
 * `public` commands are reachable on a subject. Only process managers give `internal` commands, so that no client can
 * forge the course of a workflow. A command with `creates` is accepted by an aggregate that does not exist yet.
 */
export interface CommandSpec<T = unknown, Encoded = unknown, Audience = "public" | "internal", By extends Row = Row> {
  readonly schema: Schema.Codec<T, Encoded>;
  readonly audience: Audience;
  /** Who may give it. The backend may give every command. */
  readonly by: By;
  readonly creates?: boolean;
  readonly description: string;
}

/**
 * One event of an aggregate: the schema of its newest version, and the upcasters of older versions. `upcasters[1]`
 * converts version 1 to version 2.
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

/** The relations named in the rows of some commands. */
export type RelationsOf<C extends CommandSpecs> = Extract<ConditionsIn<PermittedIn<C[keyof C]["by"]>>, Relation>;

/** A command, with the principal that gives it to the aggregate `id`. */
export interface Asked<C extends CommandSpecs> {
  readonly id: string;
  readonly principal: string;
  readonly command: CommandOf<C>;
}

/**
 * How a decider evaluates each relation that its rows name. If a state cannot decide a relation, the relation holds,
 * provided that the decider refuses the command anyway with a better reason.
 */
export type Relations<State, C extends CommandSpecs> = {
  readonly [R in RelationsOf<C>]: (state: State, asked: Asked<C>) => boolean;
};

/** The union of an aggregate's events: `{ type: "node-added", data: … } | …`. */
export type EventOf<E extends EventSpecs> = {
  readonly [K in keyof E & string]: { readonly type: K; readonly data: E[K]["schema"]["Type"] };
}[keyof E & string];

/** The payload of one or several commands: `PayloadOf<typeof taskCommands, "submit">`. */
export type PayloadOf<C extends CommandSpecs, K extends keyof C & string> = C[K]["schema"]["Type"];

/** The data of one or several events: `DataOf<typeof taskEvents, "task-assigned">`. */
export type DataOf<E extends EventSpecs, K extends keyof E & string> = E[K]["schema"]["Type"];

/** The result of a decider: the events of the command, or the rule that refused it. */
export type DecisionOf<E extends EventSpecs> = Result.Result<ReadonlyArray<EventOf<E>>, Rejection>;

/**
 * The inputs of a decision besides state and payload: time, ids, the principal, and `known`. The application looks
 * `known` up elsewhere, for example the digest of a graph or the eligible voters. A decider has no clock and does no
 * I/O.
 */
export interface DecisionContext<Known = undefined> {
  readonly aggregateId: string;
  readonly commandId: string;
  readonly principal: string;
  /** ISO 8601 with milliseconds, UTC. It becomes the commit's time. */
  readonly time: string;
  /** The public nkey of the command's valid signature, if the command is signed. */
  readonly signedBy?: string;
  readonly known: Known;
}

/** The facts about an event besides its data. */
export interface EvolveContext {
  readonly aggregateId: string;
  /** The number of the event in its aggregate, from 1. */
  readonly version: number;
  readonly actor: string;
  readonly time: string;
}

/**
 * An aggregate as pure functions: a command and a state give events, and an event and a state give the next state.
 *
 * Everything generic derives from this value: subjects, AsyncAPI, snapshots, upcasting, given/when/then tests.
 * `stateVersion` must grow whenever the meaning of `state` or `evolve` changes, so that older snapshots are ignored.
 * Otherwise a decider would continue with a state that it misreads. After Chassaing, "Functional Event Sourcing
 * Decider" (2021).
 */
export interface Decider<State, C extends CommandSpecs, E extends EventSpecs, Known = undefined> {
  readonly name: string;
  readonly description: string;
  /** The form of the aggregate's ids. */
  readonly id: Schema.Codec<string, string>;
  readonly commands: C;
  readonly events: E;
  /** The relations of principals to an aggregate, for the rows of its commands. */
  readonly relations: Relations<State, C>;
  readonly state: PlainSchema<State>;
  /** Encodes and decodes `state` in steps, for states that may be large. */
  readonly stateInSteps?: StepCodec<State>;
  readonly stateVersion: number;
  readonly initial: State;
  readonly decide: (command: CommandOf<C>, state: State, context: DecisionContext<Known>) => DecisionOf<E>;
  /** Decides in steps, for decisions that may take long. */
  readonly decideInSteps?: (
    command: CommandOf<C>,
    state: State,
    context: DecisionContext<Known>,
  ) => Steps<DecisionOf<E>>;
  readonly evolve: (state: State, event: EventOf<E>, context: EvolveContext) => State;
}

/** Returns its decider with inferred types: `export const task = defineDecider()({ … })`. */
export const defineDecider =
  <Known = undefined>() =>
  <State, const C extends CommandSpecs, const E extends EventSpecs>(
    decider: Decider<State, C, E, Known>,
  ): Decider<State, C, E, Known> =>
    decider;

/** Returns a public command with its row of the permission table. */
export const command = <T, Encoded, const By extends Row>(
  schema: Schema.Codec<T, Encoded>,
  description: string,
  options: { readonly by: By; readonly creates?: boolean },
): CommandSpec<T, Encoded, "public", By> => ({ schema, audience: "public", description, ...options });

/** Returns a command that only the backend gives. */
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

/** Returns an event in its first schema version, or in a later one with its upcasters. */
export const event = <T>(
  schema: PlainSchema<T>,
  description: string,
  history: { readonly version: number; readonly upcasters: NonNullable<EventSpec["upcasters"]> } = {
    version: 1,
    upcasters: {},
  },
): EventSpec<T> => ({ schema, description, ...history });
