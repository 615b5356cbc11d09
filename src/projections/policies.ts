import { Schema } from "effect";
import { policy } from "../domain/consensus/policy.ts";
import { PolicyDocument } from "../domain/consensus/policy-document.ts";
import { Instant, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

const PolicyEntry = Schema.Struct({
  ...documentFields,
  policy: PolicyDocument,
  /** The number of the event that set it. */
  policyVersion: Schema.Int,
  retired: Schema.Boolean,
  setBy: Principal,
  setAt: Instant,
});
export type PolicyEntry = typeof PolicyEntry.Type;

const evolve = (
  before: PolicyEntry | undefined,
  event: RecordedEventOf<typeof policy.events>,
): PolicyEntry | undefined => {
  if (event.type === "policy-set") {
    const { version: policyVersion, actor: setBy, time: setAt } = event;
    return { ...stampOf(event), policy: event.data, policyVersion, retired: false, setBy, setAt };
  }
  return before === undefined ? undefined : { ...before, ...stampOf(event), retired: true };
};

/** The policies that operators have set. */
export const policies = defineView<PolicyEntry>({
  name: "policies",
  version: 1,
  document: PolicyEntry,
  apply: foldEvents(policy, evolve),
});
