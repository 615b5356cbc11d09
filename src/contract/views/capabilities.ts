import { Schema } from "effect";
import { Instant, Principal, PublicId } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const CapabilityDocument = Schema.Struct({
  ...documentFields,
  id: PublicId,
  guarded: Schema.Boolean,
  /** Why it is guarded, or no longer guarded. */
  reason: Schema.String,
  by: Principal,
  since: Instant,
}).annotate({ identifier: "CapabilityDocument" });
export type CapabilityDocument = typeof CapabilityDocument.Type;

export const capabilities = {
  description: "The capabilities that an admin must grant, besides those that need a role.",
  document: CapabilityDocument,
  operations: documentOperations("capabilities", CapabilityDocument, CapabilityDocument),
} satisfies PublishedView;
