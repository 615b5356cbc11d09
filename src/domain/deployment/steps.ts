import { Schema } from "effect";
import { Closure } from "../host/desired.ts";
import { Removal } from "../host/removals.ts";
import { Name } from "../kernel/mod.ts";

/**
 * The steps of a deployer on a host, in order. From `recorded` on, the host counts as touched, because it may be
 * changed at any moment.
 */
export const deployingSteps = ["recorded", "built", "copied", "activated", "healthy", "rebooted", "confirmed"] as const;

/** The results for a touched host in a rollback. */
export const revertingSteps = ["reverted", "unreachable"] as const;

export const Step = Schema.Literals([...deployingSteps, ...revertingSteps]);
export type Step = typeof Step.Type;

/** The last output lines of a step's programs. Secrets have been removed from them. */
export const LogTail = Schema.Array(Schema.String);

/** A report about a host. `previous` is the closure that ran before the deployment, and `closure` is the new one. */
export const HostStep = Schema.Struct({
  host: Name,
  step: Step,
  closure: Schema.optionalKey(Closure),
  previous: Schema.optionalKey(Closure),
  detail: Schema.optionalKey(Schema.String),
  /** The duration of the step. */
  milliseconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  log: Schema.optionalKey(LogTail),
  /** What the activation removes from the host besides its services, as accepted. */
  removals: Schema.optionalKey(Schema.Array(Removal)),
  /** The parts that run in an older version until the next reboot, such as the kernel. */
  rebootNeeded: Schema.optionalKey(Schema.Array(Schema.String)),
});
export type HostStep = typeof HostStep.Type;

/** Returns whether a step belongs to a rollback. */
export const isReverting = (step: Step): boolean => step === "reverted" || step === "unreachable";

const order: ReadonlyArray<Step> = deployingSteps;

/** Returns the number of a deploying step, from 1; 0 for the steps of a rollback. */
export const progressOf = (step: Step): number => order.indexOf(step) + 1;
