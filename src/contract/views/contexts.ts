import { Schema } from "effect";
import { ContextEntries } from "../../domain/dialog/context.ts";
import { Instant } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const ContextDocument = Schema.Struct({
  /** `version` is the number of times it was set. */
  ...documentFields,
  /** The topic whose dialogs share this context; absent for the global context. */
  topic: Schema.optionalKey(Schema.String),
  entries: ContextEntries,
  updatedAt: Instant,
}).annotate({ identifier: "ContextDocument" });
export type ContextDocument = typeof ContextDocument.Type;

export const contexts = {
  description: "The context that dialogs share: one for each topic, and the global one.",
  document: ContextDocument,
  operations: documentOperations("contexts", ContextDocument, ContextDocument),
} satisfies PublishedView;
