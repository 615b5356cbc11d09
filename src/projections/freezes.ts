import { Struct } from "effect";
import type { FreezeDocument } from "../contract/views/freezes.ts";
import { freeze } from "../domain/freeze/decider.ts";
import { defined, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, foldEvents, stampOf } from "./view.ts";

const evolve = (
  before: FreezeDocument | undefined,
  event: RecordedEventOf<typeof freeze.events>,
): FreezeDocument | undefined => {
  if (event.type === "frozen") {
    const { reason, underWay } = event.data;
    return { ...stampOf(event), frozen: true, reason, underWay, by: event.actor, since: event.time };
  }
  if (before === undefined) return undefined;
  const { proposal, by } = event.data;
  const document = { ...before, ...stampOf(event), ...defined({ proposal }) };
  return event.type === "unfrozen"
    ? { ...document, frozen: false, liftedAt: event.time, ...defined({ liftedBy: by }) }
    : Struct.omit(document, ["liftedAt", "liftedBy"]);
};

/** Current and past freezes. */
export const freezes = defineView({ name: "freezes", version: 2, apply: foldEvents(freeze, evolve) });
