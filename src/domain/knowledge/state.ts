import { HashMap, HashSet, Schema } from "effect";
import { AggregateId, Principal } from "../kernel/mod.ts";
import { emptyContent } from "./content-hash.ts";
import { EpochSnapshot } from "./contract.ts";
import { defaultPolicy, Policy } from "./policy.ts";
import { RecordId, Term } from "./record.ts";

/** What the decisions on a space need to know of its records, which are in the log. */
export const SpaceState = Schema.Struct({
  owner: Schema.optionalKey(Principal),
  policy: Policy,
  /** The newest stamp, empty at first. */
  stamp: Schema.String,
  /** Authors of facts. */
  facts: Schema.HashMap(RecordId, Principal),
  retracted: Schema.HashSet(RecordId),
  /** Records that are no facts. */
  others: Schema.HashSet(RecordId),
  /** `evidenceKey` of what counts already. */
  evidence: Schema.HashSet(Schema.String),
  records: Schema.Int,
  content: RecordId,
  epoch: Schema.Int,
  snapshot: Schema.optionalKey(EpochSnapshot),
  /** Next clock of each yjs client of this epoch. */
  clocks: Schema.HashMap(Schema.Int, Schema.Int),
  /** The yjs client under which the log itself writes in this epoch. */
  writer: Schema.optionalKey(Schema.Int),
  /** Conflicts that are voted on. */
  votes: Schema.Array(Schema.Struct({ subject: Term, predicate: Term, proposal: AggregateId })),
  /** How many conflicts were put to the vote. */
  voted: Schema.Int,
});
export type SpaceState = typeof SpaceState.Type;

export const emptySpace: SpaceState = {
  policy: defaultPolicy,
  stamp: "",
  facts: HashMap.empty(),
  retracted: HashSet.empty(),
  others: HashSet.empty(),
  evidence: HashSet.empty(),
  records: 0,
  content: emptyContent,
  epoch: 1,
  clocks: HashMap.empty(),
  votes: [],
  voted: 0,
};
