import type { Result } from "effect";
import type { DecisionContext, EventOf, Rejection } from "../kernel/mod.ts";
import type { PolicyReference, proposalEvents } from "./contract.ts";
import type { PolicyDocument } from "./policy-document.ts";

/** A policy as a proposal keeps it, and what it says. */
export interface KnownPolicy extends PolicyReference {
  readonly document: PolicyDocument;
}

/** Looked up for a proposal. */
export interface KnownToProposals {
  /** Who may vote where nobody is named: every registered agent that is not offline and every registered person. */
  readonly defaultElectorate: ReadonlyArray<string>;
  /** The keys that were registered to sign with, by principal. */
  readonly publicKeys?: ReadonlyMap<string, string>;
  /** The policy in force for the kind of a submission. */
  readonly policy?: KnownPolicy;
  /** The policy that a submission names; undefined where there is none of that id. */
  readonly namedPolicy?: KnownPolicy;
  /** Why what was approved is not any more what it was; undefined while it is. */
  readonly changed?: string;
}

export type ProposalContext = DecisionContext<KnownToProposals>;
export type ProposalEvent = EventOf<typeof proposalEvents>;
export type ProposalDecision = Result.Result<ReadonlyArray<ProposalEvent>, Rejection>;
