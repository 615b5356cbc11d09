import { Schema } from "effect";
import { AggregateId, Instant } from "../../domain/kernel/mod.ts";
import { ParkedWork } from "../../domain/parked-step/contract.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const ParkedDocument = Schema.Struct({
  ...documentFields,
  id: AggregateId,
  ...ParkedWork.fields,
  status: Schema.Literals(["parked", "retrying"]),
  /** Since when it has this status. */
  since: Instant,
  parkedAt: Instant,
}).annotate({ identifier: "ParkedDocument" });
export type ParkedDocument = typeof ParkedDocument.Type;

export const parked = {
  description: "Steps of process managers that kept failing, until they succeed or are dropped.",
  document: ParkedDocument,
  operations: documentOperations("parked", ParkedDocument, ParkedDocument),
} satisfies PublishedView;
