import { Schema } from "effect";
import { ContextEntries, changed } from "../domain/dialog/context.ts";
import { dialog } from "../domain/dialog/decider.ts";
import { sharedChangeOf } from "../domain/dialog/set-context.ts";
import { Instant, isEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields } from "./view.ts";

const ContextDocument = Schema.Struct({
  /** How often it was set. */
  ...documentFields,
  /** Of which dialogs; every dialog's where it is missing. */
  topic: Schema.optionalKey(Schema.String),
  entries: ContextEntries,
  updatedAt: Instant,
});
export type ContextDocument = typeof ContextDocument.Type;

/** What dialogs share: the context of each topic, and the global one. */
export const contexts = defineView<ContextDocument>({
  name: "contexts",
  version: 1,
  document: ContextDocument,
  apply: (get, commit) =>
    commit.flatMap((event) => {
      const shared = isEventOf(dialog, event) ? sharedChangeOf(event) : undefined;
      if (shared === undefined) return [];
      const { id, topic, change } = shared;
      const before = get(id);
      const document: ContextDocument = {
        ...{ id, version: (before?.version ?? 0) + 1, position: event.position },
        ...(topic === undefined ? {} : { topic }),
        entries: changed(before?.entries ?? {}, change),
        updatedAt: event.time,
      };
      return [[id, document] as const];
    }),
});
