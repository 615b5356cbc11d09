import type { PolicyReference } from "../../../domain/consensus/contract.ts";
import { proposal } from "../../../domain/consensus/decider.ts";
import { policy } from "../../../domain/consensus/policy.ts";
import { type PolicyDocument, policyFor } from "../../../domain/consensus/policy-document.ts";
import { addSeconds, canonicalJson, defined, isEventOf } from "../../../domain/kernel/mod.ts";
import type { Problem } from "../../chain.ts";
import type { Commit, Digests } from "../../ports/mod.ts";
import { eventsOf } from "../events-of.ts";

/** A policy as an event left it; without a document it was retired. */
interface Setting {
  readonly version: number;
  readonly time: string;
  readonly document?: PolicyDocument;
}

/** Every setting of each policy that was read so far, oldest first. */
export type PolicyHistory = Map<string, Array<Setting>>;

/** A command is decided within this many seconds, so what it knew of policies may be as old as that. */
const handlingSeconds = 10;

/** Remembers what a commit sets. */
export const readPolicies = (history: PolicyHistory, commit: Commit): void => {
  if (commit.aggregate !== policy.name) return;
  for (const event of eventsOf(commit)) {
    if (!isEventOf(policy, event)) continue;
    const { version, time } = event;
    const settings = history.get(event.id) ?? [];
    const document = event.type === "policy-set" ? event.data : undefined;
    settings.push({ version, time, ...defined({ document }) });
    history.set(event.id, settings);
  }
};

/** The policy in force for a kind at a moment. */
const inForce = (history: PolicyHistory, kind: string, moment: string) =>
  policyFor(kind, (id) => {
    const last = history.get(id)?.findLast(({ time }) => time <= moment);
    return last?.document === undefined ? undefined : { id, version: last.version, document: last.document };
  });

/** What is wrong with a reference to a policy that was set: that it never was, or not any more. */
const referenceProblems = (
  { id, version, digest }: PolicyReference,
  history: PolicyHistory,
  moment: string,
  sha256: Digests["Service"]["sha256"],
): ReadonlyArray<string> => {
  const settings = history.get(id) ?? [];
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
      : [`version ${version} of policy \`${id}\` was not in force any more since ${next.time}`]),
  ];
};

/** Checks that a proposal was submitted under the policy that was in force, as far as the log shows it. */
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
      ...(bound ? [`it was decided by policy \`${reference.id}\`, though another one was binding`] : []),
    ].map((problem) => ({ version, problem }));
  });
};
