import { Effect } from "effect";
import type { PolicyAnswer } from "../../contract/views/policies.ts";
import { policy } from "../../domain/consensus/policy.ts";
import { policyFor, policyOf, shippedPolicies } from "../../domain/consensus/policy-document.ts";
import { CommandError, notFound } from "../command-error.ts";
import { policiesIn, withDigest } from "../look-ups/policies.ts";
import type { Digests, EventStore } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { eventsOfOne } from "./events-of.ts";

/** Returns a policy in the form of answers. */
const shown = ({ document, ...of }: Effect.Success<ReturnType<typeof withDigest>>): PolicyAnswer => ({
  ...of,
  ...document,
  shipped: of.version === 0,
});

/** Returns a policy as set by an earlier event, or as shipped. */
const policyAt = Effect.fnUntraced(function* (id: string, version: number) {
  const shipped = version === 0 ? policyOf(id, () => undefined) : undefined;
  if (shipped !== undefined) return shipped;
  const set = (yield* eventsOfOne(policy, id)).find((event) => event.version === version);
  if (set?.type === "policy-set") return { id, version, document: set.data };
  return yield* new CommandError({
    code: "rejected",
    message: `policy \`${id}\` was not set by an event number ${version}; audit.trail lists its events`,
    details: { reason: "version-not-found" },
  });
});

/** The answers about policies. */
export const policyAnswers = {
  get: Effect.fnUntraced(function* ({ id, version }, documents) {
    const found = version === undefined ? policyOf(id, policiesIn(documents)) : yield* policyAt(id, version);
    return found === undefined ? yield* notFound("policy", id) : shown(yield* withDigest(found));
  }),
  list: Effect.fnUntraced(function* ({ filter = {}, limit = 1000 }, documents) {
    const set = policiesIn(documents);
    const ids = [...new Set([...Object.keys(shippedPolicies), ...documents.keys()])].sort();
    const known = ids.flatMap((id) => policyOf(id, set) ?? []);
    const items = yield* Effect.forEach(known, (one) => Effect.map(withDigest(one), shown));
    const wanted = items.filter((item) =>
      Object.entries(filter).every(([field, value]) => Reflect.get(item, field) === value),
    );
    return { items: wanted.slice(0, limit) };
  }),
  "in-force": Effect.fnUntraced(function* ({ kind }, documents) {
    return shown(yield* withDigest(policyFor(kind, policiesIn(documents))));
  }),
} satisfies AnswersOf<"policies", Digests | EventStore>;
