import { Schema } from "effect";
import { canDecide } from "../consensus/electorate.ts";
import { electorateFor } from "../consensus/four-eyes.ts";
import { isNamed } from "../consensus/named.ts";
import {
  accept,
  type CommandOf,
  defineDecider,
  type EvolveContext,
  Instant,
  ownId,
  Principal,
  refuse,
} from "../kernel/mod.ts";
import {
  type FreezeContext,
  type FreezeDecision,
  type FreezeEvent,
  freezeCommands,
  freezeEvents,
  type KnownToLift,
  UnderWay,
} from "./contract.ts";
import { FreezeId, scopeText } from "./scope.ts";

/** A freeze, and the number of freezes so far. */
export const FreezeState = Schema.Struct({
  freeze: Schema.Int,
  proposals: Schema.Int,
  /** Absent while nothing is frozen. */
  frozen: Schema.optionalKey(
    Schema.Struct({
      reason: Schema.String,
      underWay: UnderWay,
      by: Principal,
      since: Instant,
      /** Everybody who has frozen it since it was last lifted. */
      setBy: Schema.Array(Principal),
    }),
  ),
});
export type FreezeState = typeof FreezeState.Type;

/**
 * Returns whether the policy lets a principal lift a freeze without a vote. The freeze must be the principal's own and
 * nobody else's. So nobody can get around another's freeze by freezing the same thing once more.
 */
const mayLift = (
  principal: string,
  { setBy }: NonNullable<FreezeState["frozen"]>,
  { ruling: { document }, roles }: KnownToLift,
): boolean => setBy.every((one) => one === principal) && isNamed(document.liftsOwnFreeze ?? {}, principal, roles);

const decide = (
  command: CommandOf<typeof freezeCommands>,
  { freeze, proposals, frozen }: FreezeState,
  { aggregateId, principal, known }: FreezeContext,
): FreezeDecision => {
  switch (command.type) {
    case "freeze": {
      const { reason, underWay } = command.payload;
      return frozen?.reason === reason && frozen.underWay === underWay
        ? accept()
        : accept({ type: "frozen", data: { freeze: freeze + 1, reason, underWay } });
    }
    case "unfreeze": {
      if (frozen === undefined) return refuse("not-frozen", `${scopeText(aggregateId)} is not frozen`);
      const { reason } = command.payload;
      if (known !== undefined && mayLift(principal, frozen, known))
        return accept({ type: "unfrozen", data: { freeze, by: principal, reason } });
      const chosen = known === undefined ? undefined : electorateFor(known, principal);
      if (chosen === undefined || !canDecide(chosen))
        return refuse(
          "nobody-may-vote",
          `the freeze of ${scopeText(aggregateId)} is lifted under the policy for \`unfreeze\`, by the people with the role \`voter\` unless it names others, but nobody may vote: ` +
            "an admin can give a person the role, with `cim agents grant NAME voter`",
        );
      return accept({
        type: "unfreeze-proposed",
        data: {
          freeze,
          proposal: ownId("unfreeze", `${aggregateId}-${proposals + 1}`),
          electorate: chosen,
          by: principal,
          reason,
        },
      });
    }
    case "lift":
      return frozen !== undefined && command.payload.freeze === freeze
        ? accept({ type: "unfrozen", data: command.payload })
        : accept();
  }
};

const evolve = (
  state: FreezeState,
  event: FreezeEvent,
  { actor: by, time: since }: Pick<EvolveContext, "actor" | "time">,
): FreezeState => {
  switch (event.type) {
    case "frozen": {
      const { freeze, reason, underWay } = event.data;
      const others = state.frozen?.setBy.filter((one) => one !== by) ?? [];
      return { ...state, freeze, frozen: { reason, underWay, by, since, setBy: [...others, by] } };
    }
    case "unfreeze-proposed":
      return { ...state, proposals: state.proposals + 1 };
    case "unfrozen":
      return { freeze: state.freeze, proposals: state.proposals };
  }
};

/** Prevents activations: everywhere, on the hosts of a graph, or on one host. */
export const freeze = defineDecider<KnownToLift | undefined>()({
  name: "freeze",
  description: "Prevents activations: everywhere, on the hosts of a graph, or on one host.",
  id: FreezeId,
  commands: freezeCommands,
  events: freezeEvents,
  relations: {},
  state: FreezeState,
  stateVersion: 2,
  initial: { freeze: 0, proposals: 0 },
  decide,
  evolve,
});
