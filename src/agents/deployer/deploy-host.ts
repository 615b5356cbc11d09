import { type Activation, type Flake, isHostUnreachable, type Log, type Operator } from "../../contract/hosts.ts";
import type { StepOutput } from "../../contract/signals.ts";
import type { HostPlan } from "../../domain/deployment/waves.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { messageOf } from "../kit/errors.ts";
import { TaskFailed } from "../kit/mod.ts";
import { type Ailment, ailments, longestCheckSeconds } from "./health.ts";
import { whileReachable } from "./patience.ts";
import { type HostStatus, isStep, type Step, steps } from "./protocol.ts";

/** Reports a step of a host. Resolves when the report is recorded. */
export type Report = (data: {
  readonly host: string;
  readonly step: string;
  readonly closure?: string;
  readonly previous?: string;
  readonly detail?: string;
  readonly milliseconds?: number;
  readonly log?: ReadonlyArray<string>;
}) => Promise<unknown>;

/** Publishes what the programs of the step under way print, while they print it. */
export type Tell = (output: StepOutput) => void;

/** Limits of time, in seconds. */
export interface Patience {
  /** A host that does not answer is tried again for this time. */
  readonly reachWithinSeconds: number;
  /** Time for a replacement of the deployer to confirm, on top of what the health checks take. */
  readonly confirmationMarginSeconds: number;
}

export interface HostDeployment extends Patience {
  readonly operator: Operator;
  readonly deployment: string;
  readonly flake: Flake;
  readonly host: HostPlan;
  readonly activation: Activation;
  /** How far an earlier run came, if there was one. */
  readonly status: HostStatus | undefined;
  readonly report: Report;
  readonly tell: Tell;
  /** Aborts when the task is not ours any more: everything under way ends. */
  readonly signal: AbortSignal;
  /**
   * Aborts when the deployment has failed on another host: no further step is taken. A step that changes the host is
   * finished and reported first. Otherwise the way back would not know of the change.
   */
  readonly stop: AbortSignal;
}

/** The closures of the host, as far as the steps have found them out. */
interface Known {
  readonly previous: string;
  readonly closure: string;
}

/** Takes a host from its last reported step to `confirmed`. Throws `TaskFailed` with the step that failed. */
export const deployHost = async (deployment: HostDeployment): Promise<void> => {
  const { status } = deployment;
  const last = status !== undefined && isStep(status.status) ? status.status : undefined;
  let known: Known = { previous: status?.previous ?? "", closure: status?.closure ?? "" };
  let done = last === undefined ? -1 : steps.indexOf(last);
  // Another deployer may have built it on another machine, and a closure is copied from here.
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
      ...printedBy(log),
    });
  }
};

/** A system that runs from the next reboot on is not activated, and has no health yet. */
const stepsOf = (activation: Activation): ReadonlyArray<Step> =>
  activation === "boot" ? steps.filter((step) => step !== "activated" && step !== "healthy") : steps;

const logOf = ({ host: { host }, tell }: HostDeployment, step: Step): StepLog =>
  stepLog((lines) => tell({ host, step, lines }));

/** The action of each step. */
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
 * Returns true if the host still runs the closure that was activated. A host that went back by itself, because no
 * deployer confirmed it in time, is activated again with the recorded `previous`, and its health is checked again.
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

/** The reason of a failure, by the step that could not be taken. */
const reasons: Readonly<Record<Step, string>> = {
  recorded: "record-failed",
  built: "build-failed",
  copied: "copy-failed",
  activated: "activation-failed",
  healthy: "check-failed",
  confirmed: "confirmation-failed",
};

const printedBy = ({ lines }: StepLog) => defined({ log: lines.length === 0 ? undefined : [...lines] });

const failingAt = async <T>(step: Step, d: HostDeployment, log: StepLog, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (d.stop.aborted) throw error;
    const { host } = d.host;
    const printed = printedBy(log);
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

/** Lines of a step's log that are kept, and characters of a line. */
const longestLog = 20;
const longestLine = 300;

/** Milliseconds for which new lines are gathered before they are published. */
const gathering = 1_000;

/** The lines that the programs of a step print. */
interface StepLog {
  /** The last lines. */
  readonly lines: ReadonlyArray<string>;
  readonly add: Log;
  /** The step is over: publishes the lines that are still unpublished. */
  readonly end: () => void;
}

/** Keeps the last lines of a step. Calls `tell` with the new ones, at most once a second and at the end. */
export const stepLog = (tell: (lines: ReadonlyArray<string>) => void): StepLog => {
  const lines: Array<string> = [];
  let untold = 0;
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    if (untold > 0) tell(lines.slice(-untold));
    untold = 0;
  };
  return {
    lines,
    add: (line) => {
      if (line.trim() === "") return;
      if (lines.push(line.slice(0, longestLine)) > longestLog) lines.shift();
      untold = Math.min(untold + 1, longestLog);
      timer ??= setTimeout(flush, gathering);
    },
    end: flush,
  };
};
