import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Arbitrary, Effect, Result, Schema } from "effect";
import type { Aggregate } from "../../src/application/aggregate.ts";
import { contexts } from "../../src/application/contexts.ts";
import { canonicalJson, type EventSpec } from "../../src/domain/kernel/mod.ts";

/** What is kept of one version of an event: the digests of its schemas, newest last, and data as they were written. */
export interface KeptVersion {
  readonly schemas: ReadonlyArray<string>;
  readonly samples: ReadonlyArray<Schema.Json>;
}
/** The events of an aggregate by type, then by version. */
export type KeptEvents = Readonly<Record<string, Readonly<Record<string, KeptVersion>>>>;

const Kept = Schema.fromJsonString(
  Schema.Record(
    Schema.String,
    Schema.Record(
      Schema.String,
      Schema.Struct({ schemas: Schema.Array(Schema.String), samples: Schema.Array(Schema.Json) }),
    ),
  ),
);

export const fileOf = (aggregate: string): string =>
  resolve(import.meta.dirname, "../fixtures/events", `${aggregate}.json`);

export const keptOf = async (aggregate: string): Promise<KeptEvents> =>
  Schema.decodeUnknownSync(Kept)(await readFile(fileOf(aggregate), "utf8").catch(() => "{}"));

/** A digest of what a schema takes. */
export const digestOf = ({ schema }: EventSpec): string =>
  createHash("sha256")
    .update(canonicalJson(JSON.parse(JSON.stringify(Schema.toJsonSchemaDocument(schema)))))
    .digest("hex")
    .slice(0, 16);

/** Why the schema does not take data exactly as they are; undefined if it does. */
export const problemWith = ({ schema }: EventSpec, data: unknown): string | undefined => {
  const decoded = Schema.decodeUnknownResult(schema)(data, { onExcessProperty: "error" });
  return Result.isSuccess(decoded) ? undefined : String(decoded.failure);
};

/** Samples of events whose texts no generator draws by lot: fractions, weights that a vote can be counted by. */
const byHand: Readonly<Record<string, ReadonlyArray<Schema.Json>>> = {
  "proposal.proposal-submitted": [
    {
      kind: "deployment",
      title: "Deploy",
      subject: { graph: "shop" },
      protocol: "simple-majority",
      quorum: "1/2",
      votingSeconds: 60,
      discussionSeconds: 0,
      ballotsMayChange: true,
      proposer: "ada",
    },
  ],
  "proposal.voting-opened": [
    {
      electorate: [{ id: "ann", weight: 2 }],
      protocol: "simple-majority",
      quorum: "1/2",
      deadline: "2026-01-01T00:01:00.000Z",
    },
  ],
  "policy.policy-set": [
    { protocol: "simple-majority", quorum: "1/2", discussionSeconds: 0, votingSeconds: 60, ballotsMayChange: true },
  ],
};

/** Samples of what the schema of an event takes: the same ones each time. */
export const newSamples = async (event: string, { schema }: EventSpec): Promise<ReadonlyArray<Schema.Json>> => {
  const drawn = Arbitrary.sampleEffect(Arbitrary.schema(schema), {
    count: 2,
    size: 3,
    seed: event,
    maxDiscards: 20_000,
  });
  const samples = await Effect.runPromise(Effect.orElseSucceed(drawn, () => byHand[event] ?? []));
  return JSON.parse(JSON.stringify(samples));
};

export const aggregates: ReadonlyArray<Aggregate<unknown>> = contexts;
