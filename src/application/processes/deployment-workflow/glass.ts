import { proposal } from "../../../domain/consensus/decider.ts";
import { dialog } from "../../../domain/dialog/decider.ts";
import { give } from "../actions.ts";
import { breakerOf, unreviewedBefore } from "./state.ts";
import { does, type EventAt, fail, type Step, unless } from "./step.ts";
import { pinnedOf } from "./work.ts";

// The consequences of a broken glass.

type GlassStep = Step<EventAt<"deployment.glass-broken">>;

/**
 * Returns the steps, unless the review of an older broken glass is open. Two glasses that are broken at the same moment
 * cannot see each other's event when they are decided. So the check is repeated here in the order of the log, and the
 * second one ends its deployment.
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

/** All participants of the dialog see it. */
export const tellDialog: GlassStep = does("says so in its dialog", ({ course, event: { data } }) => [
  give(dialog, course.id, {
    type: "say",
    payload: {
      text: `${data.by} broke the glass: ${data.reason}`,
      data: { kind: "break-glass", deployment: course.id, by: data.by },
    },
  }),
]);

/**
 * Notes in the proposal that blocking findings are no longer a veto. A revision that is not yet put to the vote submits
 * the broken glass with it, unless the glass is broken at that very moment.
 */
export const noteInProposal = does("notes a broken glass in the proposal", ({ course, event }) => {
  const glass = breakerOf(course);
  if (!course.proposed || glass === undefined) return [];
  if (event.type === "proposal-submitted" && event.data.glass !== undefined) return [];
  return [give(proposal, course.id, { type: "note-break-glass", payload: { subject: pinnedOf(course), ...glass } })];
});
