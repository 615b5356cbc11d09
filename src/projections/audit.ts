import type { AuditDocument } from "../contract/views/audit.ts";
import { defineView } from "./view.ts";

/** A summary of each aggregate's history, by `<aggregate>.<id>`. */
export const audit = defineView({
  name: "audit",
  version: 1,
  keyOf: (aggregate, id) => `${aggregate}.${id}`,
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
