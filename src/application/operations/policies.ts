import { Effect, Schema } from "effect";
import { policy } from "../../domain/consensus/policy.ts";
import { policyFor, policyOf, shippedPolicies } from "../../domain/consensus/policy-document.ts";
import { AggregateId } from "../../domain/kernel/mod.ts";
import { CommandError, notFound } from "../command-error.ts";
import { policiesIn, withDigest } from "../look-ups/proposals.ts";
import { operation } from "../queries.ts";
import { eventsOfOne } from "./events-of.ts";

/** A policy as it is shown. */
const shown = ({ document, ...of }: Effect.Success<ReturnType<typeof withDigest>>): Schema.Json => ({
  ...of,
  ...document,
  shipped: of.version === 0,
});

const GetInput = Schema.Struct({
  id: AggregateId,
  /** As it was set by this event of it; without it, as it is in force. */
  version: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
});

/** A policy as an earlier event set it, or as it is shipped. */
const policyAt = Effect.fnUntraced(function* (id: string, version: number) {
  const shipped = shippedPolicies[id];
  if (version === 0 && shipped !== undefined) return { id, version, document: shipped };
  const set = (yield* eventsOfOne(policy, id)).find((event) => event.version === version);
  if (set?.type === "policy-set") return { id, version, document: set.data };
  return yield* new CommandError({
    code: "rejected",
    message: `policy \`${id}\` was not set by an event number ${version}; audit.trail lists its events`,
    details: { reason: "version-not-found" },
  });
});

const get = operation({
  input: GetInput,
  description: "A policy, as it is in force or as it was, with its digest",
  answer: Effect.fnUntraced(function* ({ id, version }: typeof GetInput.Type, documents) {
    const found = version === undefined ? policyOf(id, policiesIn(documents)) : yield* policyAt(id, version);
    return found === undefined ? yield* notFound("policy", id) : shown(yield* withDigest(found));
  }),
});

const inForce = operation({
  input: Schema.Struct({ kind: Schema.NonEmptyString }),
  description: "The policy that a kind of proposals is decided by, unless they name another",
  answer: Effect.fnUntraced(function* ({ kind }: { readonly kind: string }, documents) {
    return shown(yield* withDigest(policyFor(kind, policiesIn(documents))));
  }),
});

const FilterInput = Schema.Struct({
  filter: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  limit: Schema.optionalKey(Schema.Int),
});

const list = operation({
  input: FilterInput,
  description: "Every policy in force: those that were set, and those that are shipped",
  answer: Effect.fnUntraced(function* ({ filter = {}, limit = 1000 }: typeof FilterInput.Type, documents) {
    const set = policiesIn(documents);
    const ids = [...new Set([...Object.keys(shippedPolicies), ...documents.keys()])].sort();
    const known = ids.flatMap((id) => policyOf(id, set) ?? []);
    const items = yield* Effect.forEach(known, (one) => Effect.map(withDigest(one), shown));
    const wanted = items.filter((item) =>
      Object.entries(filter).every(
        ([field, value]) => typeof item === "object" && item !== null && Reflect.get(item, field) === value,
      ),
    );
    return { items: wanted.slice(0, limit) };
  }),
});

/** What can be asked about policies. */
export const policyOperations = { get, list, "in-force": inForce };
