import { Effect } from "effect";
import type { KnownToLift } from "../../domain/freeze/contract.ts";
import type { freeze } from "../../domain/freeze/decider.ts";
import { freezesOn } from "../../domain/freeze/scope.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { Authority } from "../authority.ts";
import { ReadModels } from "../read-models.ts";
import { votingPeople } from "./agents.ts";
import { policiesFor } from "./policies.ts";

/** Returns the freezes that hold back work on these hosts of a graph. */
export const freezesOf = Effect.fnUntraced(function* (where: Parameters<typeof freezesOn>[0]) {
  const documents = yield* (yield* ReadModels).upToDate("freezes");
  return freezesOn(where).flatMap((id) => {
    const found = documents.get(id);
    return found?.frozen === true ? [{ id, reason: found.reason, by: found.by, since: found.since }] : [];
  });
});

const knownToLift = Effect.fnUntraced(function* (principal: string) {
  const voting = yield* votingPeople;
  yield* (yield* ReadModels).upToDate("policies");
  const { roles } = yield* (yield* Authority).standingOf(principal);
  const known: KnownToLift = { ruling: (yield* policiesFor("unfreeze", undefined)).policy, ...voting, roles };
  return known;
});

/**
 * Returns the knowledge for lifting a freeze: the eligible voters, and whether the principal may lift it without them.
 */
export const lookUpForFreeze = (
  { type }: CommandOf<typeof freeze.commands>,
  _id: string,
  _state: unknown,
  principal: string,
) => (type === "unfreeze" ? knownToLift(principal) : undefined);
