import { Struct } from "effect";
import type { FreezeDocument } from "../contract/views/freezes.ts";
import { freeze } from "../domain/freeze/decider.ts";
import type { RecordedEventOf } from "../domain/kernel/mod.ts";
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
  const document = { ...before, ...stampOf(event), proposal: event.data.proposal };
  return event.type === "unfrozen"
    ? { ...document, frozen: false, liftedAt: event.time }
    : Struct.omit(document, ["liftedAt"]);
};

/** What is or was frozen. */
export const freezes = defineView({ name: "freezes", version: 1, apply: foldEvents(freeze, evolve) });
