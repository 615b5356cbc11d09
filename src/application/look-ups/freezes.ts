import { Effect } from "effect";
import type { freeze } from "../../domain/freeze/decider.ts";
import { freezesOn } from "../../domain/freeze/scope.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { ReadModels } from "../read-models.ts";
import { votingPeople } from "./agents.ts";
import { policiesFor } from "./policies.ts";

/** Returns the freezes that hold back work on these hosts of a graph. */
export const freezesOf = Effect.fnUntraced(function* (where: Parameters<typeof freezesOn>[0]) {
  const documents = yield* (yield* ReadModels).upToDate("freezes");
  return freezesOn(where).flatMap((id) => {
    const found = documents.get(id);
    return found?.frozen === true ? [{ id, reason: found.reason, by: found.by }] : [];
  });
});

const knownToLift = Effect.fnUntraced(function* () {
  const voting = yield* votingPeople;
  yield* (yield* ReadModels).upToDate("policies");
  return { ruling: (yield* policiesFor("unfreeze", undefined)).policy, ...voting };
});

/** Returns the knowledge that the end of a freeze needs: who may vote on it. */
export const lookUpForFreeze = ({ type }: CommandOf<typeof freeze.commands>) =>
  type === "unfreeze" ? knownToLift() : undefined;
