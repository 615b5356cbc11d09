import { Duration, Effect, Exit, Metric, Option } from "effect";
import type { CommandError } from "./command-error.ts";

const commands = Metric.counter("cim_commands", { description: "Commands handled, by aggregate and outcome" });
const durations = Metric.timer("cim_command_duration", { description: "Duration of commands, including look-ups" });

/** Flakes that the backend rendered: one for each deployment, and another for each amendment. */
export const flakesRendered = Metric.counter("cim_flakes_rendered", { description: "Flakes rendered by the backend" });

/** Messages of the log that readers skip. */
export const foreignMessages = Metric.gauge("cim_log_passed_over", {
  description: "Messages of the log that are not commits, or that do not fit",
});

/** Read-only aggregates. */
export const aggregatesDamaged = Metric.gauge("cim_log_damaged", {
  description: "Aggregates whose history has something that does not fit",
});

const parked = Metric.counter("cim_steps_parked", { description: "Steps of process managers that were parked" });

/** Counts a parked step of a process manager. */
export const stepsParked = (manager: string): Effect.Effect<void> =>
  Metric.update(Metric.withAttributes(parked, { manager }), 1);

/** 1 while this backend stands by because of the log. */
export const standingBy = Metric.gauge("cim_standing_by", {
  description: "1 if the log has events of a newer version, or is not the one that was read",
});

/** The lead of this machine's clock over the clock of the log. */
export const clockAhead = Metric.gauge("cim_clock_ahead_seconds", {
  description: "Seconds that the clock of this machine is ahead of that of the nats-server",
});

/** Counts and times a command. `outcome` is `ok` or the error code. */
export const commandsHandled = <A, R>(
  effect: Effect.Effect<A, CommandError, R>,
  aggregate: string,
): Effect.Effect<A, CommandError, R> =>
  Effect.withFiber(({ context }) => {
    const began = performance.now();
    return Effect.onExitPrimitive(effect, (exit) => {
      const outcome = Exit.isSuccess(exit) ? "ok" : Option.getOrUndefined(Exit.findErrorOption(exit))?.code;
      if (outcome !== undefined) counterOf(aggregate, outcome).updateUnsafe(1, context);
      durations.updateUnsafe(Duration.millis(performance.now() - began), context);
      return undefined;
    });
  });

/** Cached, because setting the attributes of a counter takes longer than counting. */
const counters = new Map<string, typeof commands>();

const counterOf = (aggregate: string, outcome: string): typeof commands => {
  const key = `${aggregate} ${outcome}`;
  const known = counters.get(key);
  if (known !== undefined) return known;
  const one = Metric.withAttributes(commands, { aggregate, outcome });
  counters.set(key, one);
  return one;
};
