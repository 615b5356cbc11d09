import { Result, Schema } from "effect";
import type { KnownPolicy, PolicyReference } from "../../../domain/consensus/contract.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import { changesRules } from "../../../domain/consensus/kinds.ts";
import { policy } from "../../../domain/consensus/policy.ts";
import { type PolicyDocument, policyFor, policyOf } from "../../../domain/consensus/policy-document.ts";
import { afterDiscussion, notWeaker } from "../../../domain/consensus/strictness.ts";
import {
  addSeconds,
  canonicalJson,
  defined,
  isEventOf,
  type RecordedEvent,
  type RecordedEventOf,
} from "../../../domain/kernel/mod.ts";
import type { Problem } from "../../chain.ts";
import type { Commit, Digests } from "../../ports/mod.ts";
import { eventsOf } from "../events-of.ts";

type Submitted = RecordedEventOf<typeof proposal.events> & { readonly type: "proposal-submitted" };

/** A policy after an event; without a document, it was retired. */
interface Setting {
  readonly version: number;
  readonly time: string;
  readonly document?: PolicyDocument;
}

/** A change of a policy under vote: its new document, or null for its retirement. */
interface Change {
  readonly policy: string;
  readonly document: string;
}

/** The policies as read so far. */
export interface PolicyHistory {
  /** All settings of each policy, oldest first. */
  readonly settings: Map<string, Array<Setting>>;
  /** The changes under vote, by proposal. */
  readonly proposed: Map<string, Change>;
  /** The changes that were approved and not yet made. */
  readonly approved: Array<Change>;
  /** Whether policies change by vote. In older logs, anybody could set them. */
  byVote: boolean;
}

export const noPolicies = (): PolicyHistory => ({
  settings: new Map(),
  proposed: new Map(),
  approved: [],
  byVote: false,
});

/** The time limit of a command in seconds. Its knowledge of policies may be this old. */
const handlingSeconds = 10;

const PolicySubject = Schema.Struct({ policy: Schema.String, document: Schema.Json });
const isPolicySubject = Schema.is(PolicySubject);

/** Records the votes on policies. */
const readVotes = ({ proposed, approved }: PolicyHistory, event: RecordedEvent): void => {
  if (!isEventOf(proposal, event)) return;
  if (event.type === "proposal-submitted" && event.data.kind === "policy" && isPolicySubject(event.data.subject)) {
    const { policy: id, document } = event.data.subject;
    proposed.set(event.id, { policy: id, document: canonicalJson(document) });
  }
  const change = event.type === "proposal-enacted" ? proposed.get(event.id) : undefined;
  if (change !== undefined) approved.push(change);
};

/** Records the policies that a commit sets. Returns the settings that no vote approved. */
export const readPolicies = (history: PolicyHistory, commit: Commit): ReadonlyArray<Problem> => {
  if (commit.aggregate !== policy.name && commit.aggregate !== proposal.name) return [];
  return eventsOf(commit).flatMap((event): ReadonlyArray<Problem> => {
    readVotes(history, event);
    if (!isEventOf(policy, event)) return [];
    if (event.type === "policy-proposed") {
      history.byVote = true;
      return [];
    }
    const { id, version, time } = event;
    const settings = history.settings.get(id) ?? [];
    const document = event.type === "policy-set" ? event.data : undefined;
    settings.push({ version, time, ...defined({ document }) });
    history.settings.set(id, settings);
    const made = canonicalJson(document ?? null);
    const at = history.approved.findIndex((change) => change.policy === id && change.document === made);
    if (at >= 0) history.approved.splice(at, 1);
    else if (history.byVote)
      return [{ version, problem: `policy \`${id}\` was changed without the approval of a vote` }];
    return [];
  });
};

/** Returns the policy in force for a kind at a moment. */
const inForce = (history: PolicyHistory, kind: string, moment: string) =>
  policyFor(kind, (id) => {
    const last = history.settings.get(id)?.findLast(({ time }) => time <= moment);
    return last?.document === undefined ? undefined : { id, version: last.version, document: last.document };
  });

/** Returns the problems of a reference to a policy: it was never set, or was no longer in force. */
const referenceProblems = (
  { id, version, digest }: PolicyReference,
  history: PolicyHistory,
  moment: string,
  sha256: Digests["Service"]["sha256"],
): ReadonlyArray<string> => {
  const settings = history.settings.get(id) ?? [];
  const at = settings.findIndex((setting) => setting.version === version);
  const document = settings[at]?.document;
  if (document === undefined) return [`policy \`${id}\` was not set by an event number ${version} before it`];
  const next = settings[at + 1];
  return [
    ...(sha256(canonicalJson(document)) === digest
      ? []
      : [`version ${version} of policy \`${id}\` does not have the digest ${digest}`]),
    ...(next === undefined || next.time >= addSeconds(moment, -handlingSeconds)
      ? []
      : [`version ${version} of policy \`${id}\` had not been in force since ${next.time}`]),
  ];
};

/**
 * Returns the policy that a proposal names, as it was set or as it is shipped now. Undefined if the shipped one has
 * changed since.
 */
const namedPolicy = (
  reference: PolicyReference,
  history: PolicyHistory,
  sha256: Digests["Service"]["sha256"],
): KnownPolicy | undefined => {
  const { id, version, digest } = reference;
  const document =
    version === 0
      ? policyOf(id, () => undefined)?.document
      : history.settings.get(id)?.find((setting) => setting.version === version)?.document;
  return document === undefined || sha256(canonicalJson(document)) !== digest ? undefined : { ...reference, document };
};

/**
 * Checks that the rules of a vote are not weaker than its policy. Older versions did not require this, so it applies
 * only to proposals that newer versions create.
 */
const weaknessOf = (
  { id, data }: RecordedEvent & Submitted,
  reference: PolicyReference,
  history: PolicyHistory,
  sha256: Digests["Service"]["sha256"],
): ReadonlyArray<string> => {
  const named = namedPolicy(reference, history, sha256);
  if (named === undefined || (data.excluded === undefined && !changesRules(data.kind))) return [];
  const ruling = data.kind === "deployment" ? afterDiscussion(named) : named;
  const weaker = notWeaker(data, ruling, `proposal \`${id}\``);
  return Result.isFailure(weaker) ? [weaker.failure.message] : [];
};

/** Checks that a proposal was submitted under the policy that was in force, as far as the log shows this. */
export const policyProblems = (
  commit: Commit,
  history: PolicyHistory,
  sha256: Digests["Service"]["sha256"],
): ReadonlyArray<Problem> => {
  if (commit.aggregate !== proposal.name) return [];
  return eventsOf(commit).flatMap((event) => {
    if (!isEventOf(proposal, event) || event.type !== "proposal-submitted") return [];
    const { policy: reference, kind } = event.data;
    if (reference === undefined) return [];
    const { version, time } = event;
    const possible = [time, addSeconds(time, -handlingSeconds)].map((moment) => inForce(history, kind, moment));
    const bound = possible.every(({ id, document }) => document.binding === true && id !== reference.id);
    return [
      ...(reference.version === 0 ? [] : referenceProblems(reference, history, time, sha256)),
      ...weaknessOf(event, reference, history, sha256),
      ...(bound ? [`it was decided by policy \`${reference.id}\`, although another policy was binding`] : []),
    ].map((problem) => ({ version, problem }));
  });
};
