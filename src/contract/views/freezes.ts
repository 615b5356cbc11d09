import { Schema } from "effect";
import { UnderWay } from "../../domain/freeze/contract.ts";
import { FreezeId } from "../../domain/freeze/scope.ts";
import { AggregateId, Instant, Principal } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, type PublishedView } from "./view.ts";

export const FreezeDocument = Schema.Struct({
  ...documentFields,
  id: FreezeId,
  frozen: Schema.Boolean,
  reason: Schema.String,
  underWay: UnderWay,
  by: Principal,
  since: Instant,
  /** The newest vote on lifting it. */
  proposal: Schema.optionalKey(AggregateId),
  liftedAt: Schema.optionalKey(Instant),
  /** Who lifted it without a vote; absent if a vote lifted it. */
  liftedBy: Schema.optionalKey(Principal),
}).annotate({ identifier: "FreezeDocument" });
export type FreezeDocument = typeof FreezeDocument.Type;

export const freezes = {
  description: "Current and past freezes, with the reason and the person behind each.",
  document: FreezeDocument,
  operations: documentOperations("freezes", FreezeDocument, FreezeDocument),
} satisfies PublishedView;
