import type { Kvm, KvWatchEntry } from "@nats-io/kv";
import { messageOf } from "./errors.ts";
import type { Json } from "./json.ts";
import { backoff, pause } from "./pause.ts";

/** A document of a view as it now is; `undefined` where it was removed. */
export interface DocumentChange {
  readonly id: string;
  readonly document: Json | undefined;
}

/** The documents of a bucket as they are and as they change, until `signal` aborts; survives lost connections. */
export async function* watchBucket(
  kvm: Kvm,
  bucket: string,
  key: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<DocumentChange> {
  let next = 0;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const kv = await kvm.open(bucket);
      const entries = await kv.watch({
        ...(key === undefined ? {} : { key }),
        ...(next === 0 ? {} : { resumeFromRevision: next }),
      });
      const stop = () => entries.stop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const entry of entries) {
          if (signal.aborted) return;
          failures = 0;
          next = entry.revision + 1;
          yield change(entry);
        }
      } finally {
        signal.removeEventListener("abort", stop);
        entries.stop();
      }
    } catch (error) {
      failures += 1;
      if (failures > maxFailures)
        throw new Error(`${bucket} cannot be watched (${messageOf(error)}): is a backend up, and is that a view?`);
    }
    if (!signal.aborted) await pause(backoff(Math.max(1, failures)), signal);
  }
}

/** Failures in a row after which watching is given up: about half a minute. */
const maxFailures = 10;

const change = (entry: KvWatchEntry): DocumentChange => ({
  id: entry.key,
  document: entry.operation === "PUT" ? entry.json<Json>() : undefined,
});
