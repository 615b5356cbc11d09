import { HashMap, HashSet, Schema, Struct } from "effect";
import { AggregateId, defined, Principal } from "../kernel/mod.ts";
import { emptyContent, withMember } from "./content-hash.ts";
import { type Change, EpochSnapshot, type KnowledgeEvent } from "./contract.ts";
import { RecordId, Term } from "./fact.ts";
import { defaultPolicy, Policy } from "./policy.ts";
import { evidenceKey, type KnowledgeRecord } from "./record.ts";
import { laterStamp } from "./stamp.ts";

/** The part of a space's records that decisions need. The records themselves are in the log. */
export const SpaceState = Schema.Struct({
  owner: Schema.optionalKey(Principal),
  policy: Policy,
  /** The newest stamp; empty at first. */
  stamp: Schema.String,
  /** The author of each fact. */
  facts: Schema.HashMap(RecordId, Principal),
  /** The retraction of each retracted fact. */
  retracted: Schema.HashMap(RecordId, RecordId),
  /** The records of other kinds. */
  others: Schema.HashSet(RecordId),
  /** All counted evidence, by its `evidenceKey`. */
  evidence: Schema.HashMap(Schema.String, RecordId),
  /** Records that do not count, because the key that signed them was revoked. */
  revoked: Schema.HashSet(RecordId),
  records: Schema.Int,
  content: RecordId,
  epoch: Schema.Int,
  snapshot: Schema.optionalKey(EpochSnapshot),
  /** The next clock of each yjs client in this epoch. */
  clocks: Schema.HashMap(Schema.Int, Schema.Int),
  /** The log's own yjs client in this epoch. */
  writer: Schema.optionalKey(Schema.Int),
  /** Conflicts with an open vote. */
  votes: Schema.Array(Schema.Struct({ subject: Term, predicate: Term, proposal: AggregateId })),
  /** The number of conflicts that were put to the vote. */
  voted: Schema.Int,
});
export type SpaceState = typeof SpaceState.Type;

export const emptySpace: SpaceState = {
  policy: defaultPolicy,
  stamp: "",
  facts: HashMap.empty(),
  retracted: HashMap.empty(),
  others: HashSet.empty(),
  evidence: HashMap.empty(),
  revoked: HashSet.empty(),
  records: 0,
  content: emptyContent,
  epoch: 1,
  clocks: HashMap.empty(),
  votes: [],
  voted: 0,
};

const withRecord = (space: SpaceState, id: string, record: KnowledgeRecord): SpaceState => {
  switch (record.kind) {
    case "fact":
      return { ...space, facts: HashMap.set(space.facts, id, record.author) };
    case "retraction":
      return {
        ...space,
        others: HashSet.add(space.others, id),
        retracted: HashMap.set(space.retracted, record.fact, id),
      };
    case "evidence":
      return {
        ...space,
        others: HashSet.add(space.others, id),
        evidence: HashMap.set(space.evidence, evidenceKey(record), id),
      };
    case "revocation": {
      const revoked = new Set(record.records);
      return {
        ...space,
        others: HashSet.add(space.others, id),
        revoked: HashSet.union(space.revoked, HashSet.fromIterable(revoked)),
        retracted: HashMap.filter(space.retracted, (retraction) => !revoked.has(retraction)),
        evidence: HashMap.filter(space.evidence, (evidence) => !revoked.has(evidence)),
      };
    }
    default:
      return { ...space, others: HashSet.add(space.others, id) };
  }
};

const changed = (before: SpaceState, { id, record, update: { client, clock }, origin }: Change): SpaceState => {
  const space = withRecord(before, id, record);
  return {
    ...space,
    records: space.records + 1,
    content: withMember(space.content, id),
    stamp: laterStamp(space.stamp, record.stamp),
    clocks: HashMap.set(space.clocks, client, clock + 1),
    ...defined({ writer: origin === "log" ? client : undefined }),
  };
};

const withoutVote = (space: SpaceState, proposal: string): SpaceState => ({
  ...space,
  votes: space.votes.filter((one) => one.proposal !== proposal),
});

/** Returns the space after an event. */
export const evolve = (space: SpaceState, event: KnowledgeEvent): SpaceState => {
  switch (event.type) {
    case "conflict-settled": {
      const { record } = event.data;
      return changed(record.kind === "settlement" ? withoutVote(space, record.proposal) : space, event.data);
    }
    case "fact-asserted":
    case "fact-retracted":
    case "fact-supported":
    case "fact-disputed":
    case "belief-stated":
    case "records-revoked":
      return changed(space, event.data);
    case "conflict-resolved":
      return space;
    case "resolution-requested": {
      const { subject, predicate, proposal } = event.data;
      return { ...space, voted: space.voted + 1, votes: [...space.votes, { subject, predicate, proposal }] };
    }
    case "resolution-rejected":
      return withoutVote(space, event.data.proposal);
    case "space-configured":
      return { ...space, ...event.data };
    case "epoch-started":
      return { ...Struct.omit(space, ["writer"]), ...event.data, clocks: HashMap.empty() };
  }
};
