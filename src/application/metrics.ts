import { Effect, Metric } from "effect";
import type { CommandError } from "./command-error.ts";

const commands = Metric.counter("cim_commands", { description: "Commands handled, by aggregate and outcome" });
const durations = Metric.timer("cim_command_duration", { description: "How long commands took, look-ups included" });

/** Flakes rendered by the backend: one for a deployment, and one more if it is amended. */
export const flakesRendered = Metric.counter("cim_flakes_rendered", { description: "Flakes rendered by the backend" });

/** Messages of the log that no reader takes. */
export const foreignMessages = Metric.gauge("cim_log_passed_over", {
  description: "Messages of the log that are not commits, or that do not fit",
});

/** Aggregates that can only be read. */
export const aggregatesDamaged = Metric.gauge("cim_log_damaged", {
  description: "Aggregates whose history has something that does not fit",
});

const parked = Metric.counter("cim_steps_parked", { description: "Steps of process managers that were parked" });

/** Counts a step that its process manager has parked. */
export const stepsParked = (manager: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(parked, { manager }), 1);

/** 1 while this backend stands by, because of what is in the log. */
export const standingBy = Metric.gauge("cim_standing_by", {
  description: "1 if the log has events of a newer version, or is not the one that was read",
});

/** How far the clock of this machine is ahead of that of the log. */
export const clockAhead = Metric.gauge("cim_clock_ahead_seconds", {
  description: "Seconds that the clock of this machine is ahead of that of the nats-server",
});

/** Counts and times a command; `outcome` is `ok` or the error code. */
export const commandsHandled = <A, R>(
  effect: Effect.Effect<A, CommandError, R>,
  aggregate: string,
): Effect.Effect<A, CommandError, R> =>
  effect.pipe(
    Effect.tap(() => count(aggregate, "ok")),
    Effect.tapError((error) => count(aggregate, error.code)),
    Effect.trackDuration(durations),
  );

/** To name the attributes of a counter takes longer than to count. */
const counters = new Map<string, Effect.Effect<void>>();

const count = (aggregate: string, outcome: string): Effect.Effect<void> => {
  const key = `${aggregate} ${outcome}`;
  const known = counters.get(key);
  if (known !== undefined) return known;
  const one = Metric.update(Metric.withAttributes(commands, { aggregate, outcome }), 1);
  counters.set(key, one);
  return one;
};
