import type { Check, Operator, TargetHost } from "../../contract/hosts.ts";
import { pause } from "../kit/waiting.ts";

/** A node that is not well, and the symptom. */
export interface Ailment {
  readonly node: string;
  readonly detail: string;
}

/** Repeats a check as often, and with the pauses, that it says. Returns undefined as soon as the node is well. */
const ailmentOf = async (
  operator: Operator,
  host: TargetHost,
  check: Check,
  signal: AbortSignal,
): Promise<Ailment | undefined> => {
  for (let attempt = 0; ; attempt += 1) {
    const { ok, detail } = await operator.check(host, check, signal);
    if (ok) return undefined;
    if (attempt >= check.retries)
      return { node: check.node, detail: `${detail ?? `the ${check.kind} check failed`} (${attempt + 1} times)` };
    await pause(check.intervalSeconds * 1000, signal);
    signal.throwIfAborted();
  }
};

/** Returns the nodes of a host that are not well. */
export const ailments = async (
  operator: Operator,
  host: TargetHost,
  checks: ReadonlyArray<Check>,
  signal: AbortSignal,
): Promise<ReadonlyArray<Ailment>> => {
  const found = await Promise.all(checks.map((check) => ailmentOf(operator, host, check, signal)));
  return found.filter((ailment) => ailment !== undefined);
};

/** Returns the longest time that {@link ailments} takes, in seconds: the checks run side by side. */
export const longestCheckSeconds = (checks: ReadonlyArray<Check>): number =>
  Math.max(
    0,
    ...checks.map(
      ({ retries, intervalSeconds, timeoutSeconds }) => (retries + 1) * timeoutSeconds + retries * intervalSeconds,
    ),
  );
