import { messageOf } from "../kit/errors.ts";
import type { Json } from "../kit/json.ts";
import { TaskFailed } from "../kit/mod.ts";
import { ailments, longestCheckSeconds } from "./health.ts";
import { type Flake, isHostUnreachable, type Operator } from "./operator.ts";
import { whileReachable } from "./patience.ts";
import { type HostStatus, isStep, type Step, steps, type WaveHost } from "./protocol.ts";

/** What is reported of a host; resolves when the report is recorded. */
export type Report = (data: {
  readonly host: string;
  readonly step: string;
  readonly closure?: string;
  readonly previous?: string;
  readonly detail?: string;
}) => Promise<unknown>;

export interface HostDeployment {
  readonly operator: Operator;
  readonly deployment: string;
  readonly flake: Flake;
  readonly host: WaveHost;
  /** How far an earlier run came. */
  readonly status: HostStatus | undefined;
  /** How long a host that does not answer is tried, in seconds. */
  readonly reachWithinSeconds: number;
  readonly report: Report;
  /** The task is not ours any more: whatever is under way ends. */
  readonly signal: AbortSignal;
  /**
   * The deployment has failed elsewhere: no further step is taken. A step that changes the host is ended and reported
   * first, so that the way back knows of it.
   */
  readonly stop: AbortSignal;
}

/** Time for the deployer to be replaced and to confirm, in seconds, besides what the health checks take. */
const confirmationMargin = 60;

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
  if (last === "activated" || last === "healthy") {
    const stands = await failingAt("activated", deployment, () => standsOrReactivate(deployment, known));
    if (!stands) done = steps.indexOf("activated");
  }
  for (const step of steps.slice(done + 1)) {
    deployment.stop.throwIfAborted();
    known = await failingAt(step, deployment, () => take[step](deployment, known));
    await deployment.report({ host: deployment.host.host, step, ...reported(step, known) });
  }
};

/** How each step is taken. */
const take: Readonly<Record<Step, (deployment: HostDeployment, known: Known) => Promise<Known>>> = {
  recorded: async (d, known) => {
    const { closure } = await reaching(d, () => d.operator.current(d.host, d.stop));
    return { ...known, previous: closure };
  },
  built: async (d, known) => {
    const { operator, deployment, host, flake, stop } = d;
    return { ...known, closure: await reaching(d, () => operator.build({ deployment, host, flake }, stop)) };
  },
  copied: async (d, known) => {
    await reaching(d, () => d.operator.copy(d.host, known.closure, d.stop));
    return known;
  },
  activated: async (d, known) => {
    const { operator, deployment, host, signal } = d;
    const confirmWithinSeconds = longestCheckSeconds(host.checks) + d.reachWithinSeconds + confirmationMargin;
    const provision = { deployment, previous: known.previous, confirmWithinSeconds };
    await reaching(d, () => operator.activate(host, known.closure, provision, signal));
    return known;
  },
  healthy: async (d, known) => {
    const [ailment] = await reaching(d, () => ailments(d.operator, d.host, d.host.checks, d.stop));
    if (ailment !== undefined) throw failure("unhealthy", d, "healthy", ailment.detail, ailment.node);
    return known;
  },
  confirmed: async (d, known) => {
    const { operator, deployment, host, signal } = d;
    await reaching(d, () => operator.confirm(host, known.closure, { deployment }, signal));
    return known;
  },
};

/**
 * True where the host still runs what was activated. One that went back by itself while nobody deployed is activated
 * anew, under the `previous` that was recorded, and has to show anew that it is healthy.
 */
const standsOrReactivate = async (d: HostDeployment, known: Known): Promise<boolean> => {
  const { closure } = await reaching(d, () => d.operator.current(d.host, d.stop));
  if (closure === known.closure) return true;
  await take.activated(d, known);
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

const failingAt = async <T>(step: Step, d: HostDeployment, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TaskFailed || d.stop.aborted) throw error;
    throw failure(isHostUnreachable(error) ? "unreachable" : reasons[step], d, step, messageOf(error));
  }
};

const failure = (reason: string, { host: { host } }: HostDeployment, step: Step, detail: string, node?: string) => {
  const data: Record<string, Json> = { host, step, detail, ...(node === undefined ? {} : { node }) };
  return new TaskFailed(reason, data);
};
