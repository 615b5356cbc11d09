import { DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { readingOf } from "../../contract/readings.ts";
import type { AnswerOf, DocumentOf, InputOf, OperationName, ViewName } from "../../contract/views/mod.ts";
import { messageOf } from "./errors.ts";
import type { Json } from "./json.ts";
import { openReader, type ReaderAccess } from "./reader.ts";
import { backoff, pause } from "./waiting.ts";

/**
 * What may be asked, what is answered, and the documents: what the contract says if view and query are known when the
 * program is compiled, JSON otherwise. Nothing is decoded at run time: the backend builds answers and documents with
 * the same types, and a decoder for every answer would make each agent load every schema. A program that reads answers
 * of backends it does not trust decodes them with `publishedViews` of the contract.
 */
export type QueryInput<V extends string, Q extends string> = string extends V | Q
  ? object
  : V extends ViewName
    ? Q extends OperationName<V>
      ? InputOf<V, Q>
      : never
    : never;
export type QueryAnswer<V extends string, Q extends string> = string extends V | Q
  ? Json
  : V extends ViewName
    ? Q extends OperationName<V>
      ? AnswerOf<V, Q>
      : never
    : never;
export type ViewDocument<V extends string> = string extends V ? Json : V extends ViewName ? DocumentOf<V> : never;

/** A document of a view as it now is; `undefined` if it was removed. */
export interface DocumentChange<Document = Json> {
  readonly id: string;
  readonly document: Document | undefined;
}

/**
 * Reads the documents of a view, then each change, until `signal` aborts. Survives lost connections, and a bucket that was
 * deleted: the backend makes it again and goes on with its numbers. Reads with pulls, which notice that within seconds.
 */
export async function* watchView<Document = Json>(
  access: ReaderAccess,
  view: string,
  key: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<DocumentChange<Document>> {
  const bucket = access.names.buckets.view(view);
  const start = `$KV.${bucket}.`;
  const source = { stream: `KV_${bucket}`, reading: readingOf.view(view) };
  let next = 0;
  for (let failures = 0; !signal.aborted; ) {
    try {
      const place =
        next === 0
          ? { deliver_policy: DeliverPolicy.LastPerSubject }
          : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: next };
      const consumer = await openReader(access, source, { filter_subjects: `${start}${key ?? ">"}`, ...place });
      const messages = await consumer.consume({ max_messages: 1_000, expires: 5_000 });
      const stop = () => messages.stop();
      signal.addEventListener("abort", stop, { once: true });
      try {
        for await (const message of messages) {
          if (signal.aborted) return;
          failures = 0;
          next = message.seq + 1;
          const id = message.subject.slice(start.length);
          yield { id, document: isGone(message) ? undefined : message.json<Document>() };
        }
      } finally {
        signal.removeEventListener("abort", stop);
        messages.stop();
      }
    } catch (error) {
      failures += 1;
      if (failures > maxFailures)
        throw new Error(`${bucket} cannot be watched (${messageOf(error)}): is a backend up, and is that a view?`);
    }
    if (!signal.aborted) await pause(backoff(Math.max(1, failures)), signal);
  }
}

/** Failures in a row after which watching ends with an error: about half a minute. */
const maxFailures = 10;

/** Whether a message of a bucket says that its document was removed. */
const isGone = ({ headers }: JsMsg): boolean =>
  headers?.has("KV-Operation") === true || headers?.has("Nats-Marker-Reason") === true;

/**
 * Asks for page after page. `ask` gets the place from which the page goes on, undefined for the first page; `next`
 * returns that place from a page, undefined on the last one.
 */
export async function* pages<Page, Place>(
  ask: (from: Place | undefined) => Promise<Page>,
  next: (page: Page) => Place | undefined,
): AsyncGenerator<Page> {
  for (let from: Place | undefined; ; ) {
    const page = await ask(from);
    yield page;
    from = next(page);
    if (from === undefined) return;
  }
}
