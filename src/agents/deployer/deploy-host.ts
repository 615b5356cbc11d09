import { messageOf } from "../kit/errors.ts";
import { TaskFailed } from "../kit/mod.ts";
import { type Ailment, ailments, longestCheckSeconds } from "./health.ts";
import { type Activation, type Flake, isHostUnreachable, type Log, type Operator } from "./operator.ts";
import { whileReachable } from "./patience.ts";
import { type HostStatus, isStep, type Step, steps, type WaveHost } from "./protocol.ts";
import { type StepLog, stepLog } from "./step-log.ts";

/** What is reported of a host; resolves when the report is recorded. */
export type Report = (data: {
  readonly host: string;
  readonly step: string;
  readonly closure?: string;
  readonly previous?: string;
  readonly detail?: string;
  readonly milliseconds?: number;
  readonly log?: ReadonlyArray<string>;
}) => Promise<unknown>;

/** Hears what the programs of the step under way print, while they print it. */
export type Tell = (output: {
  readonly host: string;
  readonly step: Step;
  readonly lines: ReadonlyArray<string>;
}) => void;

/** How long things may take, in seconds. */
export interface Patience {
  /** How long a host that does not answer is tried. */
  readonly reachWithinSeconds: number;
  /** Time for the deployer to be replaced and to confirm, besides what the health checks take. */
  readonly confirmationMarginSeconds: number;
}

export interface HostDeployment extends Patience {
  readonly operator: Operator;
  readonly deployment: string;
  readonly flake: Flake;
  readonly host: WaveHost;
  readonly activation: Activation;
  /** How far an earlier run came. */
  readonly status: HostStatus | undefined;
  readonly report: Report;
  readonly tell: Tell;
  /** The task is not ours any more: whatever is under way ends. */
  readonly signal: AbortSignal;
  /**
   * The deployment has failed elsewhere: no further step is taken. A step that changes the host is ended and reported
   * first, so that the way back knows of it.
   */
  readonly stop: AbortSignal;
}

/** What is known of the host as the steps go by. */
interface Known {
  readonly previous: string;
  readonly closure: string;
}

/** Takes a host from its last reported step to `confirmed`. Throws `TaskFailed` with the step that could not be taken. */
export const deployHost = async (deployment: HostDeployment): Promise<void> => {
  const { status } = deployment;
  const last = status !== undefined && isStep(status.status) ? status.status : undefined;
  let known: Known = { previous: status?.previous ?? "", closure: status?.closure ?? "" };
  let done = last === undefined ? -1 : steps.indexOf(last);
  // Another deployer may have built it on another machine: what is to be copied has to be here.
  if (last === "built") done -= 1;
  if (last === "activated" || last === "healthy") {
    const log = logOf(deployment, "activated");
    const stands = await failingAt("activated", deployment, log, () => standsOrReactivate(deployment, known, log.add));
    if (!stands) done = steps.indexOf("activated");
  }
  for (const step of stepsOf(deployment.activation).filter((one) => steps.indexOf(one) > done)) {
    deployment.stop.throwIfAborted();
    const log = logOf(deployment, step);
    const begun = performance.now();
    known = await failingAt(step, deployment, log, () => take[step](deployment, known, log.add));
    const milliseconds = Math.round(performance.now() - begun);
    if (step === last) continue;
    await deployment.report({
      host: deployment.host.host,
      step,
      ...reported(step, known),
      milliseconds,
      ...(log.lines.length === 0 ? {} : { log: log.lines }),
    });
  }
};

/** A system that runs from the next reboot on is not activated, and has no health yet. */
const stepsOf = (activation: Activation): ReadonlyArray<Step> =>
  activation === "boot" ? steps.filter((step) => step !== "activated" && step !== "healthy") : steps;

const logOf = ({ host: { host }, tell }: HostDeployment, step: Step): StepLog =>
  stepLog((lines) => tell({ host, step, lines }));

/** How each step is taken. */
const take: Readonly<Record<Step, (deployment: HostDeployment, known: Known, log: Log) => Promise<Known>>> = {
  recorded: async (d, known) => {
    const { closure } = await reaching(d, () => d.operator.current(d.host, d.stop));
    return { ...known, previous: closure };
  },
  built: async (d, known, log) => {
    const { operator, deployment, host, flake, stop } = d;
    return { ...known, closure: await reaching(d, () => operator.build({ deployment, host, flake }, stop, log)) };
  },
  copied: async (d, known, log) => {
    const { operator, deployment, host, stop } = d;
    await reaching(d, () => operator.copy(host, known.closure, { deployment }, stop, log));
    return known;
  },
  activated: async (d, known, log) => {
    const { operator, deployment, host, signal } = d;
    // Units wait for their own checks when they start, before ours begin.
    const confirmWithinSeconds =
      2 * longestCheckSeconds(host.checks) + d.reachWithinSeconds + d.confirmationMarginSeconds;
    const provision = { deployment, previous: known.previous, confirmWithinSeconds };
    await reaching(d, () => operator.activate(host, known.closure, provision, signal, log));
    return known;
  },
  healthy: async (d, known) => {
    const [ailment] = await reaching(d, () => ailments(d.operator, d.host, d.host.checks, d.stop));
    if (ailment !== undefined) throw new Unwell(ailment);
    return known;
  },
  confirmed: async (d, known, log) => {
    const { operator, deployment, host, activation, signal } = d;
    await reaching(d, () => operator.confirm(host, known.closure, { deployment, activation }, signal, log));
    return known;
  },
};

/**
 * True where the host still runs what was activated. One that went back by itself while nobody deployed is activated
 * anew, under the `previous` that was recorded, and has to show anew that it is healthy.
 */
const standsOrReactivate = async (d: HostDeployment, known: Known, log: Log): Promise<boolean> => {
  const { closure } = await reaching(d, () => d.operator.current(d.host, d.stop));
  if (closure === known.closure) return true;
  await take.activated(d, known, log);
  return false;
};

const reaching = <T>(d: HostDeployment, work: () => Promise<T>): Promise<T> =>
  whileReachable(d.reachWithinSeconds, d.stop, work);

const reported = (step: Step, { previous, closure }: Known) => (step === "recorded" ? { previous } : { closure });

/** The reasons of failures by the step that could not be taken. */
const reasons: Readonly<Record<Step, string>> = {
  recorded: "record-failed",
  built: "build-failed",
  copied: "copy-failed",
  activated: "activation-failed",
  healthy: "check-failed",
  confirmed: "confirmation-failed",
};

const failingAt = async <T>(step: Step, d: HostDeployment, log: StepLog, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (d.stop.aborted) throw error;
    const { host } = d.host;
    const printed = log.lines.length === 0 ? {} : { log: [...log.lines] };
    if (error instanceof Unwell)
      throw new TaskFailed("unhealthy", { host, step, detail: error.message, node: error.node, ...printed });
    const reason = isHostUnreachable(error) ? "unreachable" : reasons[step];
    throw new TaskFailed(reason, { host, step, detail: messageOf(error), ...printed });
  } finally {
    log.end();
  }
};

/** A node of the host is not well. */
class Unwell extends Error {
  readonly node: string;

  constructor({ node, detail }: Ailment) {
    super(detail);
    this.node = node;
  }
}
