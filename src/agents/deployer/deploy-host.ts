import {
  type Activation,
  type Flake,
  isHostUnreachable,
  type Log,
  type Operator,
  type Removal,
  rebootReasons,
  type TargetHost,
} from "../../contract/hosts.ts";
import type { StepOutput } from "../../contract/signals.ts";
import { wouldRemove } from "../../domain/deployment/rivals.ts";
import type { HostPlan } from "../../domain/deployment/waves.ts";
import { acceptedAs } from "../../domain/host/removals.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { messageOf } from "../kit/errors.ts";
import { TaskFailed } from "../kit/mod.ts";
import { type Ailment, ailments, longestCheckSeconds } from "./health.ts";
import { overOneOf, type Ways, whileReachable } from "./patience.ts";
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
  readonly removals?: ReadonlyArray<Removal>;
  readonly rebootNeeded?: ReadonlyArray<string>;
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
  /** How the host was reached before, if that changes: it is open until the activation, and perhaps after it. */
  readonly before: TargetHost | undefined;
  readonly activation: Activation;
  /** What may be taken from hosts, by host and name. */
  readonly acceptRemovals: ReadonlyArray<string>;
  /** Whether the host is rebooted if it needs that. */
  readonly reboot: boolean;
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
  readonly removals?: ReadonlyArray<Removal>;
  /** Parts that run after a reboot only. */
  readonly rebootNeeded?: ReadonlyArray<string>;
  /** The host runs the closure already, and is well: nothing is copied or activated. */
  readonly unchanged?: boolean;
  /** Nothing is activated yet: only a reboot leads to the closure. */
  readonly pending?: boolean;
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
    const found = await failingAt("activated", deployment, log, () => standsOrReactivate(deployment, known, log.add));
    known = found.known;
    if (!found.stands) done = steps.indexOf("activated");
  }
  for (const step of stepsOf(deployment.activation).filter((one) => steps.indexOf(one) > done)) {
    deployment.stop.throwIfAborted();
    if (isSkipped(step, deployment, known)) continue;
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

/**
 * A host that runs the closure already is not activated again. A reboot is for hosts that need one, and what only a
 * reboot leads to is not activated before.
 */
const isSkipped = (step: Step, { reboot, activation }: HostDeployment, known: Known): boolean => {
  if (step === "copied" || step === "activated") return known.unchanged === true;
  if (step === "healthy") return known.pending === true;
  if (step !== "rebooted") return false;
  const isForReboot = activation === "boot" && known.unchanged !== true;
  return !reboot || !(isForReboot || (known.rebootNeeded ?? []).length > 0);
};

const logOf = ({ host: { host }, tell }: HostDeployment, step: Step): StepLog =>
  stepLog((lines) => tell({ host, step, lines }));

/** The action of each step. */
const take: Readonly<Record<Step, (deployment: HostDeployment, known: Known, log: Log) => Promise<Known>>> = {
  recorded: async (d, known) => {
    const { closure } = await over(d, (way) => d.operator.current(way, d.stop));
    return { ...known, previous: closure };
  },
  built: async (d, known, log) => {
    const { operator, deployment, flake, stop } = d;
    const build = (host: TargetHost) => operator.build({ deployment, host, flake }, stop, log);
    const closure = await over(d, build);
    const found = { ...known, closure };
    return (await isUnchanged(d, found)) ? withOutdated(d, { ...found, unchanged: true }) : found;
  },
  copied: async (d, known, log) => {
    const { operator, deployment, host, stop } = d;
    await over(d, (way) => operator.copy(way, known.closure, { deployment }, stop, log));
    if (known.closure === known.previous) return known;
    const { removals } = await over(d, (way) => operator.examine(way, known.closure, host, stop));
    const refused = removals.filter((one) => !d.acceptRemovals.includes(acceptedAs(host.host, one)));
    if (refused.length > 0) throw new Removing(host.host, refused);
    return removals.length === 0 ? known : { ...known, removals };
  },
  activated: async (d, known, log) => {
    const { operator, signal } = d;
    try {
      await over(d, (way) => operator.activate(way, known.closure, provisionOf(d, known), signal, log));
    } catch (error) {
      const reasons = rebootReasons(error);
      if (reasons === undefined || !d.reboot) throw error;
      return { ...known, rebootNeeded: reasons, pending: true };
    }
    return withOutdated(d, known);
  },
  healthy: async (d, known) => {
    // From here on the new way alone counts: who cannot get in by it does not confirm.
    const [ailment] = await reaching(d, () => ailments(d.operator, d.host, d.host.checks, d.stop));
    if (ailment !== undefined) throw new Unwell(ailment);
    return known;
  },
  rebooted: async (d, known, log) => {
    const { operator, host, signal } = d;
    // What only a reboot leads to is not reached by the new way before.
    const ways: Ways = known.pending === true && d.before !== undefined ? [d.before, host] : [host];
    const provision = { ...provisionOf(d, known), next: host };
    await reaching(d, () => overOneOf(ways, (way) => operator.reboot(way, known.closure, provision, signal, log)));
    return take.healthy(d, known, log);
  },
  confirmed: async (d, known, log) => {
    const { operator, deployment, host, activation, signal } = d;
    await reaching(d, () => operator.confirm(host, known.closure, { deployment, activation }, signal, log));
    return known;
  },
};

/**
 * Activates again what an earlier run had activated. If the host still runs it, it waits for the decision from now on, and
 * its guard is there; it `stands`. A host that went back by itself, because no deployer confirmed it in time, is activated
 * with the recorded `previous`, and its health is checked again. A reboot may be under way.
 */
const standsOrReactivate = async (d: HostDeployment, known: Known, log: Log) => {
  const patient = d.reboot ? { ...d, reachWithinSeconds: Math.max(d.reachWithinSeconds, rebootSeconds) } : d;
  const { closure } = await over(patient, (way) => d.operator.current(way, d.stop));
  // It was unchanged, or its guard would bring it back to the same.
  if (closure === known.closure && closure === known.previous)
    return { known: await withOutdated(d, known), stands: true };
  const found = await take.activated(d, known, log);
  return { known: found, stands: found.pending === true || closure === known.closure };
};

/**
 * Whether the host runs the closure, as it did before the deployment, and is well at the first look. What is not well is
 * activated again, because that starts what was stopped. So is a host that is reached in another way from now on.
 */
const isUnchanged = async (d: HostDeployment, { previous, closure }: Known): Promise<boolean> => {
  const { operator, host, stop } = d;
  if (closure !== previous || d.before !== undefined) return false;
  if ((await reaching(d, () => operator.current(host, stop))).closure !== closure) return false;
  const checks = host.checks.map((check) => ({ ...check, retries: 0 }));
  return (await reaching(d, () => ailments(operator, host, checks, stop))).length === 0;
};

/** Seconds that a host may be away while it reboots. */
const rebootSeconds = 900;

const reaching = <T>(d: HostDeployment, work: () => Promise<T>): Promise<T> =>
  whileReachable(d.reachWithinSeconds, d.stop, work);

/** Units wait for their own checks when they start, before ours begin. */
const provisionOf = (d: HostDeployment, { previous }: Known) => ({
  deployment: d.deployment,
  previous,
  confirmWithinSeconds: 2 * longestCheckSeconds(d.host.checks) + d.reachWithinSeconds + d.confirmationMarginSeconds,
});

/** With what runs after a reboot only. The activation is reported all the same if the deployment has failed meanwhile. */
const withOutdated = async (d: HostDeployment, known: Known): Promise<Known> => {
  try {
    const rebootNeeded = await over(d, (way) => d.operator.outdated(way, known.closure, d.stop));
    return rebootNeeded.length === 0 ? known : { ...known, rebootNeeded };
  } catch (error) {
    if (d.stop.aborted) return known;
    throw error;
  }
};

/** Does something on the host by the way that was open before, or by the new one. */
const over = <T>(d: HostDeployment, work: (way: TargetHost) => Promise<T>): Promise<T> =>
  reaching(d, () => overOneOf(d.before === undefined ? [d.host] : [d.before, d.host], work));

const reported = (step: Step, { previous, closure, removals, rebootNeeded, unchanged }: Known) =>
  step === "recorded"
    ? { previous }
    : {
        closure,
        ...defined({
          removals: step === "copied" ? removals : undefined,
          rebootNeeded: step === "activated" || step === "built" ? rebootNeeded : undefined,
          detail: step === "built" && unchanged === true ? "unchanged: the host runs this system" : undefined,
        }),
      };

/** The reason of a failure, by the step that could not be taken. */
const reasons: Readonly<Record<Step, string>> = {
  recorded: "record-failed",
  built: "build-failed",
  copied: "copy-failed",
  activated: "activation-failed",
  healthy: "check-failed",
  rebooted: "reboot-failed",
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
    if (error instanceof Removing) throw new TaskFailed(wouldRemove, { host, step, detail: error.message, ...printed });
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

/** The activation would take something from the host that the request does not accept. */
class Removing extends Error {
  constructor(host: string, removals: ReadonlyArray<Removal>) {
    const names = removals.map((one) => acceptedAs(host, one)).join(" ");
    super(
      `${removals.map(({ text }) => text).join("; ")}. Make it a part of what is deployed to ${host}, or accept it by name in a new request (--accept-removal ${names})`,
    );
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
