import { Schema } from "effect";
import { Closure } from "../host/desired.ts";
import { Removal } from "../host/removals.ts";
import { Name } from "../kernel/mod.ts";

/** What a deployer does with a host, in order. From `recorded` on the host may be changed: it is touched. */
export const deployingSteps = ["recorded", "built", "copied", "activated", "healthy", "rebooted", "confirmed"] as const;

/** What becomes of a touched host when it is rolled back. */
export const revertingSteps = ["reverted", "unreachable"] as const;

export const Step = Schema.Literals([...deployingSteps, ...revertingSteps]);
export type Step = typeof Step.Type;

/** The last lines that the programs of a step printed, without secrets. */
export const LogTail = Schema.Array(Schema.String);

/** A report about a host: `previous` is the closure it ran before anything was touched, `closure` the one it gets. */
export const HostStep = Schema.Struct({
  host: Name,
  step: Step,
  closure: Schema.optionalKey(Closure),
  previous: Schema.optionalKey(Closure),
  detail: Schema.optionalKey(Schema.String),
  /** How long the step took. */
  milliseconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  log: Schema.optionalKey(LogTail),
  /** What the activation takes from the host besides its services, as it was accepted. */
  removals: Schema.optionalKey(Schema.Array(Removal)),
  /** The parts that the host runs in an older version until its next reboot: the kernel, for example. */
  rebootNeeded: Schema.optionalKey(Schema.Array(Schema.String)),
});
export type HostStep = typeof HostStep.Type;

/** Whether a step belongs to rolling back. */
export const isReverting = (step: Step): boolean => step === "reverted" || step === "unreachable";

const order: ReadonlyArray<Step> = deployingSteps;

/** How far along deploying a step is, from 1; 0 for the steps of rolling back. */
export const progressOf = (step: Step): number => order.indexOf(step) + 1;
