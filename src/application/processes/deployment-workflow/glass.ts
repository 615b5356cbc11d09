import { proposal } from "../../../domain/consensus/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { give } from "../actions.ts";
import { breakerOf, unreviewedBefore } from "./state.ts";
import { does, type EventAt, fail, type Step, unless } from "./step.ts";
import { pinnedOf } from "./work.ts";

// What follows on a broken glass.

type GlassStep = Step<EventAt<"deployment.glass-broken">>;

/**
 * The steps, unless the review of an older broken glass is open. Two that are broken at the same moment do not see each
 * other then: of those the one that is second in the log ends its deployment.
 */
export const unlessUnreviewed = (...steps: ReadonlyArray<GlassStep>): ReadonlyArray<GlassStep> =>
  unless(
    "`fail`, and nothing else, if the review of an older broken glass is open",
    ({ state, course }) => unreviewedBefore(state, course),
    (other, { course }) =>
      fail(course, {
        reason: "glass-review-open",
        detail: `the glass was broken for deployment ${other} before, and its review is open`,
      }),
    steps,
  );

/** Nobody who takes part can miss it. */
export const tellDialog: GlassStep = does("tells its dialog", ({ course, event: { data } }) => [
  give(dialog, course.id, {
    type: "say",
    payload: {
      text: `${data.by} broke the glass: ${data.reason}`,
      data: { kind: "break-glass", deployment: course.id, by: data.by },
    },
  }),
]);

/**
 * Blocking findings are no veto any more. A revision that is not put to the vote yet takes the broken glass along, unless
 * it is broken in that moment.
 */
export const noteInProposal = does("notes a broken glass in the proposal", ({ course, event }) => {
  const glass = breakerOf(course);
  if (!course.proposed || glass === undefined) return [];
  if (event.type === "proposal-submitted" && event.data.glass !== undefined) return [];
  return [give(proposal, course.id, { type: "note-break-glass", payload: { subject: pinnedOf(course), ...glass } })];
});
