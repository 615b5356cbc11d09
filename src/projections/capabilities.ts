import type { CapabilityDocument } from "../contract/views/capabilities.ts";
import { capability } from "../domain/capability/decider.ts";
import { defineView, foldEvents, stampOf } from "./view.ts";

/** The capabilities that are or were guarded. */
export const capabilities = defineView({
  name: "capabilities",
  version: 1,
  apply: foldEvents(capability, (before: CapabilityDocument | undefined, event): CapabilityDocument | undefined => {
    const after = capability.evolve(before ?? null, event, { ...event, aggregateId: event.id });
    return after === null ? undefined : { ...after, ...stampOf(event) };
  }),
});
