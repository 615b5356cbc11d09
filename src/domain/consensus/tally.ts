import type { Tally } from "./contract.ts";
import type { Count } from "./count.ts";
import type { Fraction } from "./fraction.ts";
import { quorumReached, quorumRequired } from "./quorum.ts";
import { toUnits } from "./units.ts";

/** A count as it is published. */
export const tallyOf = (count: Count, quorum: Fraction): Tally => ({
  approve: toUnits(count.approve),
  reject: toUnits(count.reject),
  abstain: toUnits(count.abstain),
  total: toUnits(count.total),
  quorumRequired: toUnits(quorumRequired(count.total, quorum)),
  quorumReached: quorumReached(count, quorum),
});
