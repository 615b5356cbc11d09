import type { ContextDocument } from "../contract/views/contexts.ts";
import { changed } from "../domain/dialog/context.ts";
import { dialog } from "../domain/dialog/decider.ts";
import { sharedChangeOf } from "../domain/dialog/set-context.ts";
import { defined, isEventOf } from "../domain/kernel/mod.ts";
import { defineView } from "./view.ts";

/** The shared contexts of dialogs: one for each topic, and the global one. */
export const contexts = defineView({
  name: "contexts",
  version: 1,
  apply: (get, commit) =>
    commit.flatMap((event) => {
      const shared = isEventOf(dialog, event) ? sharedChangeOf(event) : undefined;
      if (shared === undefined) return [];
      const { id, topic, change } = shared;
      const before = get(id);
      const document: ContextDocument = {
        ...defined({ id, version: (before?.version ?? 0) + 1, position: event.position, topic }),
        entries: changed(before?.entries ?? {}, change),
        updatedAt: event.time,
      };
      return [[id, document] as const];
    }),
});
