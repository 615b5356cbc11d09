import { Schema } from "effect";
import type { Client } from "../../agents/kit/mod.ts";
import { transcriptPages as kitPages } from "../../agents/kit/pages.ts";
import { Transcript, type TranscriptEntry } from "../../domain/dialog/transcript.ts";
import { fieldOf } from "./document-text.ts";

const read = Schema.decodeUnknownSync(Transcript);
const pageSize = 500;

/** A dialog's transcript from the entry `from` on, page by page. With `minPosition`, at least up to there. */
export async function* transcriptPages(
  client: Client,
  id: string,
  signal: AbortSignal,
  { from = 1, minPosition = 0 }: { readonly from?: number; readonly minPosition?: number } = {},
): AsyncGenerator<Transcript> {
  for await (const page of kitPages(client, { id, from, limit: pageSize }, { signal, minPosition })) yield read(page);
}

/** Every entry from `from` on, those that are there and those that come, until the dialog is closed or `signal` aborts. */
export async function* followTranscript(
  client: Client,
  id: string,
  signal: AbortSignal,
  from: number,
): AsyncGenerator<TranscriptEntry> {
  let next = from;
  for await (const { document } of client.watch("dialogs", { id }, signal)) {
    const version = Number(fieldOf(document, "version") ?? 0);
    if (version < next) continue;
    const minPosition = Number(fieldOf(document, "position") ?? 0);
    for await (const { entries } of transcriptPages(client, id, signal, { from: next, minPosition })) {
      yield* entries;
      next += entries.length;
    }
    if (fieldOf(document, "status") === "closed") return;
  }
}
