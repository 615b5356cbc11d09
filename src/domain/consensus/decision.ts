import type { Result } from "effect";
import type { DecisionContext, EventOf, Rejection } from "../kernel/mod.ts";
import type { proposalEvents } from "./contract.ts";

/** Looked up for a proposal: who may vote where the proposer names nobody. */
export interface KnownToProposals {
  /** Every registered agent that is not offline and every registered person. */
  readonly defaultElectorate: ReadonlyArray<string>;
}

export type ProposalContext = DecisionContext<KnownToProposals>;
export type ProposalEvent = EventOf<typeof proposalEvents>;
export type ProposalDecision = Result.Result<ReadonlyArray<ProposalEvent>, Rejection>;
