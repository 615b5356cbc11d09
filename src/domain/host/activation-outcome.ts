/** The result of an activation on its host: what `switch-to-configuration test` of NixOS returned and printed. */
export interface ActivationEnd {
  readonly code: number;
  /** Units that had failed before, and units that have failed now. */
  readonly failedBefore: ReadonlyArray<string>;
  readonly failed: ReadonlyArray<string>;
  /** The lines that it printed. */
  readonly said: ReadonlyArray<string>;
}

/** `needs-reboot`: nothing was changed, because the host can reach this system only by a reboot. */
export type ActivationOutcome =
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly message: string }
  | { readonly is: "needs-reboot"; readonly reasons: ReadonlyArray<string> };

const failed = (message: string): ActivationOutcome => ({ is: "failed", message });

/** The lines that the check of switch inhibitors prints around its list. */
const inhibited = /^there are changes to critical components/i;
const endOfInhibitors = /^switching into this system is not recommended/i;

/** Returns the parts that may not change while the system runs, each with its old and new value. */
const inhibitorsIn = (said: ReadonlyArray<string>): ReadonlyArray<string> | undefined => {
  const begin = said.findIndex((line) => inhibited.test(line.trim()));
  if (begin < 0) return undefined;
  const rest = said.slice(begin + 1).map((line) => line.trim());
  const end = rest.findIndex((line) => endOfInhibitors.test(line));
  return rest.slice(0, end < 0 ? rest.length : end).filter((line) => line !== "");
};

const firstMatch = (said: ReadonlyArray<string>, pattern: RegExp): string | undefined =>
  said.flatMap((line) => pattern.exec(line)?.[1] ?? [])[0];

/**
 * Returns the failed jobs: `Failed to reload web.service`, or `Job for web.service failed` from systemctl. A unit that
 * could not be reloaded still runs in its old version, so no list of failed units has it.
 */
const failedJobs = (said: ReadonlyArray<string>): ReadonlyArray<readonly [unit: string, text: string]> =>
  said.flatMap((line): ReadonlyArray<readonly [string, string]> => {
    const [, verb, unit] = /^Failed to (start|stop|reload|restart) ([^\s:]+)/.exec(line) ?? [];
    if (verb !== undefined && unit !== undefined)
      return [[unit, verb === "reload" ? `${unit} could not be reloaded` : unit]];
    const [, job] = /^Job for (\S+) (?:failed|canceled|timed out)/.exec(line) ?? [];
    return job === undefined ? [] : [[job, job]];
  });

/** What NixOS prints of units that have failed, also of those that run again by now. */
const failuresNamed = /the following units failed/;

/**
 * Returns the outcome by units. A unit that had failed before does not count, even if the activation fails only because
 * of it. If nothing names a unit, the activation has failed: a unit that could not be reloaded is named by a line only,
 * and the line may be lost.
 */
const unitsOutcome = ({ failedBefore, failed: now, said }: ActivationEnd): ActivationOutcome => {
  const fresh = now.filter((unit) => !failedBefore.includes(unit));
  const jobs = failedJobs(said).filter(([unit]) => !failedBefore.includes(unit));
  const users = said.flatMap((line) => /user activation for (\S+) failed/.exec(line)?.[1] ?? []);
  const named = new Map([...fresh.map((unit) => [unit, unit] as const), ...jobs]);
  const texts = [...named.values(), ...users.map((user) => `the units of user ${user}`)].sort();
  if (texts.length > 0) return failed(`units that did not fail before: ${texts.join(", ")}`);
  const isExplained = now.length > 0 || said.some((line) => failuresNamed.test(line)) || failedJobs(said).length > 0;
  return isExplained
    ? { is: "done" }
    : failed(
        "units failed or could not be reloaded, and nothing says which: read `journalctl -b` there, then deploy again",
      );
};

/** Returns the outcome of the exit code for failed checks, for the lock of another activation, and for wrong usage. */
const beforeTheSwitch = ({ said }: ActivationEnd): ActivationOutcome => {
  const inhibitors = inhibitorsIn(said);
  if (inhibitors !== undefined) return { is: "needs-reboot", reasons: inhibitors };
  const check = firstMatch(said, /^Pre-switch check '([^']*)' failed/);
  if (check !== undefined) return failed(`its check \`${check}\` refuses the switch: see the log of the step`);
  if (said.some((line) => /Could not acquire lock/.test(line)))
    return failed("another activation is under way on the host: wait for its end, then deploy again");
  return failed("switch-to-configuration ended with exit code 1");
};

/**
 * Returns the meaning of an exit code of `switch-to-configuration`, as of NixOS 26.05. 0: done. 1: refused before
 * anything was changed. 2: the activation script failed. 3: systemd was not reloaded. 4: units, or units of users,
 * failed or could not be reloaded. 100: the new systemd cannot take over from the running one. System errors have other
 * codes.
 */
export const outcomeOf = (end: ActivationEnd): ActivationOutcome => {
  switch (end.code) {
    case 0:
      return { is: "done" };
    case 1:
      return beforeTheSwitch(end);
    case 2:
      return failed("the activation script failed");
    case 3:
      return failed("systemd could not read the new units");
    case 4:
      return unitsOutcome(end);
    case 100:
      return { is: "needs-reboot", reasons: ["the new systemd cannot take over from the running one"] };
    default:
      return failed(`switch-to-configuration ended with exit code ${end.code}`);
  }
};
