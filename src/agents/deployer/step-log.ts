import type { Log } from "./operator.ts";

/** Lines of a step's log that are kept, and characters of a line. */
const longestLog = 20;
const longestLine = 300;

/** How long new lines are gathered before they are told, in milliseconds. */
const gathering = 1_000;

/** What a step's programs print. */
export interface StepLog {
  /** The last lines. */
  readonly lines: ReadonlyArray<string>;
  readonly add: Log;
  /** The step is over: what has not been told yet is told now. */
  readonly end: () => void;
}

/** The last lines of a log that goes on. `tell` hears of the new ones among them, at most once a second and at the end. */
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
