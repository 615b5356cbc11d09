import type { JetStreamClient } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { Objm } from "@nats-io/obj";
import { bucketStream } from "../buckets.ts";
import type { NatsConnection } from "../connection.ts";
import { findStream } from "../find-streams.ts";
import { objectStream } from "../streams.ts";

type Connection = NatsConnection["Service"];

/** A key of a bucket with its newest value, in base64. */
export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** Returns the newest value of each key of a bucket, sorted by key. */
export const bucketValues = async (
  js: JetStreamClient,
  bucket: string,
): Promise<ReadonlyArray<readonly [key: string, value: Uint8Array]>> => {
  const kv = await new Kvm(js).open(bucket);
  const keys: Array<string> = [];
  for await (const key of await kv.keys()) keys.push(key);
  const values: Array<readonly [string, Uint8Array]> = [];
  for (const key of keys.sort()) {
    const entry = await kv.get(key);
    if (entry?.operation === "PUT") values.push([key, entry.value]);
  }
  return values;
};

/** Returns all entries of a key-value bucket, sorted by key; none if there is no such bucket. */
export const bucketEntries = async (connection: Connection, bucket: string): Promise<ReadonlyArray<Entry>> => {
  if ((await findStream(connection.jsm, bucketStream(bucket))) === undefined) return [];
  const values = await bucketValues(connection.js, bucket);
  return values.map(([key, value]) => ({ key, value: Buffer.from(value).toString("base64") }));
};

/** Writes entries into a bucket, which is created if there are any. */
export const writeBucket = async (
  { js, replicas }: Connection,
  bucket: string,
  entries: ReadonlyArray<Entry>,
): Promise<void> => {
  if (entries.length === 0) return;
  const kv = await new Kvm(js).create(bucket, { history: 1, replicas, allow_direct: false });
  for (const { key, value } of entries) await kv.put(key, Buffer.from(value, "base64"));
};

/** Returns the names of the objects in an object store, sorted; none if there is no such store. */
export const objectNames = async (connection: Connection, bucket: string): Promise<ReadonlyArray<string>> => {
  if ((await findStream(connection.jsm, objectStream(bucket))) === undefined) return [];
  const objects = await new Objm(connection.js).open(bucket);
  return (await objects.list()).flatMap(({ name, deleted }) => (deleted ? [] : [name])).sort();
};
