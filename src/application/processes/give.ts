import type { Schema } from "effect";
import type { CommandOf, CommandSpecs } from "../../domain/kernel/mod.ts";
import type { Action } from "../action.ts";

/**
 * The action that gives a command to an aggregate. `step` tells apart two commands of one kind to one aggregate because
 * of one event.
 */
export const give = <C extends CommandSpecs>(
  decider: { readonly name: string; readonly commands: C },
  id: string,
  command: CommandOf<C>,
  step = `${decider.name}.${command.type}`,
): Action & { readonly kind: "command" } => ({
  kind: "command",
  step,
  aggregate: decider.name,
  id,
  command: command.type,
  payload: command.payload as Schema.Json,
});

/** What a timer does when it fires. */
export const schedule = <C extends CommandSpecs>(
  timerId: string,
  at: string,
  decider: { readonly name: string; readonly commands: C },
  id: string,
  command: CommandOf<C>,
): Action => ({
  kind: "schedule",
  timerId,
  at,
  command: { aggregate: decider.name, id, command: command.type, payload: command.payload as Schema.Json },
});

export const cancelTimer = (timerId: string): Action => ({ kind: "cancel-timer", timerId });
