import { Schema } from "effect";
import type { EventOf } from "../../../domain/kernel/mod.ts";
import { knowledge } from "../../../domain/knowledge/decider.ts";

export type SpaceEvent = EventOf<typeof knowledge.events>;

/** An event of the space as the log has it. */
export interface LoggedEvent {
  /** Its number in the space, from 1. */
  readonly version: number;
  /** Position of its commit. */
  readonly position: number;
  readonly event: SpaceEvent;
}

const data = Object.fromEntries(Object.entries(knowledge.events).map(([type, spec]) => [type, Schema.is(spec.schema)]));

/** Whether something read is an event of a space. */
export const isSpaceEvent = (value: { readonly type: string; readonly data: unknown }): value is SpaceEvent =>
  Object.hasOwn(data, value.type) && data[value.type]?.(value.data) === true;
