import type { PrincipalEntry } from "../contract/views/principals.ts";
import { agent } from "../domain/agent/decider.ts";
import { isOwnPrincipal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { principal } from "../domain/principal/decider.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

/**
 * Marks a principal as signed off at once when an admin signs off its agent. The process `authority` updates the
 * principal itself only later.
 */
const signedOff = (
  before: PrincipalEntry | undefined,
  event: RecordedEventOf<typeof agent.events>,
): PrincipalEntry | undefined => {
  const { id, actor, time: at, position } = event;
  if (event.type !== "agent-deregistered" || actor === id || isOwnPrincipal(actor)) return before;
  const { reason = "no reason was given" } = event.data;
  const known = before ?? { id, version: 0, position, admitted: false, roles: [], revokedKeys: [] };
  return { ...known, position, signedOff: { reason, at, by: actor } };
};

const ofPrincipal = foldEvents(principal, (before: PrincipalEntry | undefined, event): PrincipalEntry | undefined => {
  const after = principal.evolve(before ?? null, event, { ...event, aggregateId: event.id });
  return after === null ? undefined : { ...after, ...stampOf(event) };
});
const ofAgent = foldEvents(agent, signedOff);

/** The roles and rights of principals, as granted and revoked. */
export const principals = defineView({
  name: "principals",
  version: 2,
  keyOf: oneForEach(principal),
  apply: (get, commit) => {
    if (commit[0]?.aggregate === principal.name) return ofPrincipal(get, commit);
    // Most commits of agents only change their presence, which has no effect here.
    return commit.some(({ type }) => type === "agent-deregistered") ? ofAgent(get, commit) : [];
  },
});
