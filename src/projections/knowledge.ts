import { hash } from "node:crypto";
import { Schema } from "effect";
import { SpaceDocument } from "../contract/views/knowledge.ts";
import { canonicalJson, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { emptyContent, withMember } from "../domain/knowledge/content-hash.ts";
import { knowledge as space } from "../domain/knowledge/decider.ts";
import { defaultPolicy } from "../domain/knowledge/policy.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

type Body = Omit<SpaceDocument, "checksum" | "damaged">;
type Event = RecordedEventOf<typeof space.events>;

const checksumOf = (body: Body): string => hash("sha256", canonicalJson(body));

const empty = (event: Event): Body => ({
  ...stampOf(event),
  policy: defaultPolicy,
  records: 0,
  facts: 0,
  retractions: 0,
  evidence: 0,
  beliefs: 0,
  content: emptyContent,
  epoch: 1,
  votes: [],
  createdAt: event.time,
  updatedAt: event.time,
});

const counters = { fact: "facts", retraction: "retractions", evidence: "evidence", belief: "beliefs" } as const;

const withoutVote = (body: Body, proposal: string): Body => ({
  ...body,
  votes: body.votes.filter((one) => one.proposal !== proposal),
});

const evolve = (before: Body, event: Event): Body => {
  const body: Body = { ...before, ...stampOf(event), updatedAt: event.time };
  switch (event.type) {
    case "conflict-resolved":
      return body;
    case "resolution-requested": {
      const { subject, predicate, proposal } = event.data;
      return { ...body, votes: [...body.votes, { subject, predicate, proposal }] };
    }
    case "resolution-rejected":
      return withoutVote(body, event.data.proposal);
    case "space-configured":
    case "epoch-started":
      return { ...body, ...event.data };
    default: {
      const { id, record } = event.data;
      const added = { ...body, records: body.records + 1, content: withMember(body.content, id) };
      if (record.kind === "settlement") return withoutVote(added, record.proposal);
      if (record.kind === "revocation") return added;
      const counter = counters[record.kind];
      return { ...added, [counter]: added[counter] + 1 };
    }
  }
};

const isDocument = Schema.is(SpaceDocument);

/** The knowledge spaces: the size, the rules and the digest of the records of each. */
export const knowledge = defineView({
  name: "knowledge",
  version: 1,
  keyOf: oneForEach(space),
  apply: (get, commit) =>
    foldEvents<Body, typeof space.events>(space, (body, event) => evolve(body ?? empty(event), event))((key) => {
      const known = get(key);
      if (known === undefined) return undefined;
      const { checksum: _, ...body } = known;
      return body;
    }, commit).map(([id, body]) => [id, body === undefined ? undefined : { ...body, checksum: checksumOf(body) }]),
  isIntact: (document) => {
    if (!isDocument(document)) return false;
    const { checksum, damaged: _, ...body } = document;
    return checksumOf(body) === checksum;
  },
});
