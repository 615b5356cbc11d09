import type { ParkedDocument } from "../contract/views/parked.ts";
import { parkedStep } from "../domain/parked-step/decider.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

/** The parked steps that need attention. Ended ones are only in the log. */
export const parked = defineView({
  name: "parked",
  version: 1,
  keyOf: oneForEach(parkedStep),
  apply: foldEvents(parkedStep, (before: ParkedDocument | undefined, event): ParkedDocument | undefined => {
    const { time: since } = event;
    switch (event.type) {
      case "step-parked":
        return { ...event.data, ...stampOf(event), status: "parked", since, parkedAt: before?.parkedAt ?? since };
      case "step-retried":
        return before === undefined ? undefined : { ...before, ...stampOf(event), status: "retrying", since };
      case "step-settled":
      case "step-dropped":
        return undefined;
    }
  }),
});
