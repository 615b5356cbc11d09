import { HashMap, HashSet } from "effect";
import type { EventOf } from "../kernel/mod.ts";
import type { Change } from "./change.ts";
import { withMember } from "./content-hash.ts";
import type { knowledgeEvents } from "./contract.ts";
import { evidenceKey, type KnowledgeRecord } from "./record.ts";
import { laterStamp } from "./stamp.ts";
import type { SpaceState } from "./state.ts";

type Event = EventOf<typeof knowledgeEvents>;

const withRecord = (space: SpaceState, id: string, record: KnowledgeRecord): SpaceState => {
  switch (record.kind) {
    case "fact":
      return { ...space, facts: HashMap.set(space.facts, id, record.author) };
    case "retraction":
      return {
        ...space,
        others: HashSet.add(space.others, id),
        retracted: HashSet.add(space.retracted, record.fact),
      };
    case "evidence":
      return {
        ...space,
        others: HashSet.add(space.others, id),
        evidence: HashSet.add(space.evidence, evidenceKey(record)),
      };
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
    ...(origin === "log" ? { writer: client } : {}),
  };
};

const withoutVote = (space: SpaceState, proposal: string): SpaceState => ({
  ...space,
  votes: space.votes.filter((one) => one.proposal !== proposal),
});

/** A space after one more event. */
export const evolve = (space: SpaceState, event: Event): SpaceState => {
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
    case "epoch-started": {
      const { writer: _, ...rest } = space;
      return { ...rest, ...event.data, clocks: HashMap.empty() };
    }
  }
};
