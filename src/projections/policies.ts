import type { PolicyEntry } from "../contract/views/policies.ts";
import { policy } from "../domain/consensus/policy.ts";
import type { RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

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
export const policies = defineView({
  name: "policies",
  version: 1,
  keyOf: oneForEach(policy),
  apply: foldEvents(policy, evolve),
});
