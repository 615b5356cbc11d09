import { useSyncExternalStore } from "react";

/** The page's one clock: every age changes in the same moment, and one timer runs for all. */
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

const tick = () => {
  now = Date.now();
  for (const listener of listeners) listener();
};

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(tick, 1_000);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
};

/** Now, in milliseconds, each second. `whole` makes it coarser: a component that shows minutes need not draw seconds. */
export const useNow = (whole = 1_000): number =>
  useSyncExternalStore(subscribe, () => Math.floor((timer === undefined ? Date.now() : now) / whole) * whole);

const units = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A span in words, of its largest unit: `4 min`, `2 h`. */
export const spanText = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(Math.abs(milliseconds) / 1_000));
  for (const [size, unit] of units) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return "0 s";
};

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

/** A moment in the reader's own time, for a tooltip. */
export const momentText = (at: string): string => moment.format(Date.parse(at));

/** How long ago something was, or until it will be; the moment itself on hover. */
export const Age = ({ at }: { readonly at: string }) => {
  const distance = useNow() - Date.parse(at);
  // Clocks of two machines differ by a little: nothing that has happened is in the future because of that.
  const text = distance >= -2_000 ? `${spanText(Math.max(0, distance))} ago` : `in ${spanText(distance)}`;
  return (
    <time dateTime={at} title={momentText(at)}>
      {text}
    </time>
  );
};

/** The time that is left until a moment, by the second: `3:41`. */
export const TimeLeft = ({ until }: { readonly until: string }) => {
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - useNow()) / 1_000));
  const text =
    seconds < 3_600
      ? `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`
      : spanText(seconds * 1_000);
  return (
    <time dateTime={until} title={momentText(until)}>
      {seconds === 0 ? "now" : text}
    </time>
  );
};
