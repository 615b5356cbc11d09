import { Schema } from "effect";
import {
  AggregateId,
  accept,
  type CommandOf,
  type DecisionOf,
  defineDecider,
  type EventOf,
  refuse,
} from "../kernel/mod.ts";
import { ParkedWork, parkedStepCommands, parkedStepEvents } from "./contract.ts";

/** The state of a step; null before it was parked. */
const ParkedStepState = Schema.NullOr(
  Schema.Struct({
    work: ParkedWork,
    status: Schema.Literals(["parked", "retrying", "settled", "dropped"]),
  }),
);
type ParkedStepState = typeof ParkedStepState.Type;

const decide = (
  command: CommandOf<typeof parkedStepCommands>,
  state: ParkedStepState,
): DecisionOf<typeof parkedStepEvents> => {
  // After a crash a step may be parked twice. Decisions about it in the meantime stay valid.
  if (command.type === "park")
    return state === null || state.status === "retrying"
      ? accept({ type: "step-parked", data: command.payload })
      : accept();
  if (state === null) return refuse("not-found", "there is no such step");
  const { status } = state;
  switch (command.type) {
    case "settle":
      return status === "retrying" ? accept({ type: "step-settled", data: {} }) : accept();
    case "retry":
      if (status === "retrying") return accept();
      if (status !== "parked") return refuse("wrong-state", `the step is ${status}: it cannot be tried again`);
      return accept({ type: "step-retried", data: command.payload });
    case "drop":
      if (status === "dropped") return accept();
      if (status === "settled") return refuse("wrong-state", "the step is done: it cannot be dropped");
      return accept({ type: "step-dropped", data: command.payload });
  }
};

const evolve = (state: ParkedStepState, event: EventOf<typeof parkedStepEvents>): ParkedStepState => {
  if (event.type === "step-parked") return { work: event.data, status: "parked" };
  if (state === null) return null;
  switch (event.type) {
    case "step-retried":
      return { ...state, status: "retrying" };
    case "step-settled":
      return { ...state, status: "settled" };
    case "step-dropped":
      return { ...state, status: "dropped" };
  }
};

/** A step of a process manager that kept failing, until somebody retries or drops it. */
export const parkedStep = defineDecider()({
  name: "parked-step",
  description: "Steps of process managers that kept failing and need attention.",
  id: AggregateId,
  commands: parkedStepCommands,
  events: parkedStepEvents,
  relations: {},
  state: ParkedStepState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
