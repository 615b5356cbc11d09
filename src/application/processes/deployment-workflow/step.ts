import type { Schema } from "effect";
import type { proposal } from "../../../domain/consensus/decider.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import type { dialog } from "../../../domain/dialog/decider.ts";
import type { CommandOf, PayloadOf, RecordedEventOf } from "../../../domain/kernel/mod.ts";
import type { task } from "../../../domain/task/decider.ts";
import type { Action } from "../../action.ts";
import { cancelTimer, give, schedule } from "../actions.ts";
import type { Course, WorkflowState } from "./state.ts";

interface Deciders {
  readonly deployment: typeof deployment;
  readonly dialog: typeof dialog;
  readonly proposal: typeof proposal;
  readonly task: typeof task;
}
type Aggregate = keyof Deciders;

/** The events of an aggregate to which the saga reacts. */
export type EventType<A extends Aggregate> = keyof Deciders[A]["events"] & string;
/** The name of such an event: `task.task-completed`. */
export type EventKey = { readonly [A in Aggregate]: `${A}.${EventType<A>}` }[Aggregate];
/** The event with that name. */
export type EventAt<K extends EventKey> = K extends `${infer A extends Aggregate}.${infer T}`
  ? RecordedEventOf<Deciders[A]["events"]> & { readonly type: T }
  : never;
export type SagaEvent = { readonly [A in Aggregate]: RecordedEventOf<Deciders[A]["events"]> }[Aggregate];

type Commands = typeof deployment.commands;
type CommandType = keyof Commands & string;

/** An event, with the state after it. */
export interface Moment<E extends SagaEvent = SagaEvent> {
  readonly state: WorkflowState;
  readonly course: Course;
  readonly event: E;
}

/** One action of the saga. */
export interface Step<E extends SagaEvent = SagaEvent> {
  /** Text for the table in the documentation. Empty for timers, which the table shows in another way. */
  readonly text: string;
  /** The commands to the deployment that may follow. */
  readonly gives: ReadonlyArray<CommandType>;
  readonly timer?: Timer;
  // A method, because its parameter is then bivariant: a step for one event fits into a table of all events.
  run(moment: Moment<E>): ReadonlyArray<Action>;
}

/** A deadline of a deployment, and the command that it triggers. */
export interface Timer<E extends SagaEvent = SagaEvent> {
  readonly text: string;
  readonly gives: CommandType;
  readonly id: (course: Course) => string;
  at(moment: Moment<E>): string;
  readonly command: (course: Course) => CommandOf<Commands>;
}

/** Returns the step that starts a timer. */
export const starts = <E extends SagaEvent>(timer: Timer<E>): Step<E> => ({
  text: "",
  gives: [timer.gives],
  timer,
  run: (moment) => {
    const { course } = moment;
    return [schedule(timer.id(course), timer.at(moment), deployment, course.id, timer.command(course))];
  },
});

/** Returns the step that stops a timer. */
export const stops = (timer: Timer): Step => ({
  text: "",
  gives: [],
  run: ({ course }) => [cancelTimer(timer.id(course))],
});

/** Returns the step that gives the deployment a command, or nothing if there is no payload. */
export const gives = <C extends CommandType, E extends SagaEvent = SagaEvent>(
  type: C,
  payloadOf: (moment: Moment<E>) => PayloadOf<Commands, C> | undefined,
): Step<E> => ({
  text: `\`${type}\``,
  gives: [type],
  run: (moment) => {
    const payload = payloadOf(moment);
    return payload === undefined ? [] : [give(deployment, moment.course.id, { type, payload })];
  },
});

/** Returns the action that fails a deployment. */
export const fail = (course: Course, payload: PayloadOf<Commands, "fail">): Action =>
  give(deployment, course.id, { type: "fail", payload });

/** Returns the action that runs an operation of the workflow. */
export const operation = (name: string, input: Schema.Json): Action => ({ kind: "operation", operation: name, input });

/** Returns the steps, unless `find` returns an obstacle. Then only the failure action runs. */
export const unless = <F, E extends SagaEvent>(
  text: string,
  find: (moment: Moment) => F | undefined,
  failure: (found: F, moment: Moment) => Action,
  steps: ReadonlyArray<Step<E>>,
): ReadonlyArray<Step<E>> => [
  does(
    text,
    (moment) => {
      const found = find(moment);
      return found === undefined ? [] : [failure(found, moment)];
    },
    ["fail"],
  ),
  ...steps.map((step) => ({
    ...step,
    run: (moment: Moment<E>) => (find(moment) === undefined ? step.run(moment) : []),
  })),
];

/**
 * Returns a custom step. `text` describes it for the documentation, and `commands` lists the commands that may follow.
 */
export const does = <E extends SagaEvent = SagaEvent>(
  text: string,
  run: (moment: Moment<E>) => ReadonlyArray<Action>,
  commands: ReadonlyArray<CommandType> = [],
): Step<E> => ({ text, gives: commands, run });
