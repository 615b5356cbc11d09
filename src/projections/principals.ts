import type { PrincipalEntry } from "../contract/views/principals.ts";
import { principal } from "../domain/principal/decider.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

/** Who may do what, as it was given and taken. */
export const principals = defineView({
  name: "principals",
  version: 1,
  keyOf: oneForEach(principal),
  apply: foldEvents(principal, (before: PrincipalEntry | undefined, event): PrincipalEntry | undefined => {
    const after = principal.evolve(before ?? null, event, { ...event, aggregateId: event.id });
    return after === null ? undefined : { ...after, ...stampOf(event) };
  }),
});
