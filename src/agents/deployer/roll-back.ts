import { RollBackTask } from "../../contract/host-tasks.ts";
import { type Operator, StepFailed, type TargetHost } from "../../contract/hosts.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { messageOf } from "../kit/errors.ts";
import { reader } from "../kit/json.ts";
import type { TaskContext } from "../kit/mod.ts";
import { backoff, pause } from "../kit/waiting.ts";
import { newWay, overOneOf, type Ways } from "./patience.ts";

const readRollBackTask = reader(RollBackTask, "the payload of a task roll-back");

type Reverted = RollBackTask["hosts"][number];

/**
 * Does the task `roll-back`: every host runs exactly its previous closure again, verified, in the order of the task. A
 * host that does not go back does not hold up the others. It is tried again after them, for `withinSeconds` from then
 * on, then reported.
 */
export const rollBack = async (
  context: Pick<TaskContext, "task" | "signal" | "progress">,
  operatorOf: (target: string) => Operator,
  withinSeconds: number,
): Promise<{ readonly reverted: ReadonlyArray<string>; readonly unreachable: ReadonlyArray<string> }> => {
  const { deployment, target, hosts, reached = [] } = readRollBackTask(context.task.payload);
  const operator = operatorOf(target);
  const { signal } = context;
  const reverted: Array<string> = [];
  let deadline: number | undefined;
  let missing: ReadonlyArray<readonly [Reverted, string]> = hosts.map((host) => [host, ""]);
  for (let attempt = 1; ; attempt += 1) {
    const failed: Array<readonly [Reverted, string]> = [];
    for (const [host] of missing) {
      signal.throwIfAborted();
      const before = reached.find((one) => one.host === host.host);
      const ways: Ways = before === undefined ? [host] : [newWay(host, before), before];
      const obstacle = await revert(operator, host, ways, deployment, signal);
      if (obstacle === undefined) {
        await context.progress(reportOf(host, "reverted", { closure: host.previous }));
        reverted.push(host.host);
      } else failed.push([host, obstacle]);
    }
    missing = failed;
    // The first round takes as long as it takes: with many hosts, or one that was cut off late, that is more than the limit.
    deadline ??= Date.now() + withinSeconds * 1000;
    const wait = backoff(attempt);
    if (missing.length === 0 || Date.now() + wait > deadline) break;
    await pause(wait, signal);
  }
  for (const [host, detail] of missing) await context.progress(reportOf(host, "unreachable", { detail }));
  return { reverted, unreachable: missing.map(([{ host }]) => host) };
};

/** Puts a host back. Returns what prevents it; undefined if the host runs `previous`. */
const revert = async (
  operator: Operator,
  host: Reverted,
  ways: Ways,
  deployment: string,
  signal: AbortSignal,
): Promise<string | undefined> => {
  try {
    const { previous, closure } = host;
    const provision = defined({ deployment, closure });
    const running = await overOneOf(ways, (way) => operator.revert(way, previous, provision, signal));
    if (running !== previous) throw new StepFailed({ message: `it runs ${running}, not ${previous}` });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return messageOf(error);
  }
};

const reportOf = (
  { host }: TargetHost,
  step: string,
  more: { readonly closure?: string; readonly detail?: string },
) => ({
  message: `${host}: ${step}`,
  data: { host, step, ...more },
});
