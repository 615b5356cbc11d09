import { Schema } from "effect";
import { Instant } from "../domain/kernel/mod.ts";
import { defineView, documentFields } from "./view.ts";

const AuditDocument = Schema.Struct({
  ...documentFields,
  aggregate: Schema.String,
  aggregateId: Schema.String,
  /** How many events there are. */
  events: Schema.Int,
  lastEvent: Schema.String,
  lastActor: Schema.String,
  createdAt: Instant,
  updatedAt: Instant,
  /** Content id of the newest event; through it the whole chain is known. */
  cid: Schema.String,
});
export type AuditDocument = typeof AuditDocument.Type;

/** Each aggregate's history in a line, by `<aggregate>.<id>`. */
export const audit = defineView<AuditDocument>({
  name: "audit",
  version: 1,
  document: AuditDocument,
  apply: (get, commit) => {
    const last = commit.at(-1);
    if (last === undefined) return [];
    const key = `${last.aggregate}.${last.id}`;
    const before = get(key);
    const document: AuditDocument = {
      id: key,
      aggregate: last.aggregate,
      aggregateId: last.id,
      version: last.version,
      position: last.position,
      events: (before?.events ?? 0) + commit.length,
      lastEvent: last.type,
      lastActor: last.actor,
      createdAt: before?.createdAt ?? last.time,
      updatedAt: last.time,
      cid: last.cid,
    };
    return [[key, document]];
  },
});
