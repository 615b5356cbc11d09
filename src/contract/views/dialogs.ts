import { Effect, Schema } from "effect";
import { ContextValues } from "../../domain/dialog/context.ts";
import { Participant, RoutedBy, TurnNumber } from "../../domain/dialog/contract.ts";
import { dialogFields } from "../../domain/dialog/state.ts";
import { Transcript } from "../../domain/dialog/transcript.ts";
import { AggregateId, Instant, Principal, Provenance } from "../../domain/kernel/mod.ts";
import { documentFields, documentOperations, Limit, type PublishedView } from "./view.ts";

/** A turn of a dialog. */
const Turn = Schema.Struct({
  turn: TurnNumber,
  speaker: Principal,
  text: Schema.String,
  /** All recipients. If the turn was passed on, the last of them has it. */
  recipients: Schema.Array(Principal),
  routedBy: RoutedBy,
  reasons: Schema.optionalKey(Schema.Array(Schema.String)),
  capability: Schema.optionalKey(Schema.String),
  answerBy: Schema.optionalKey(Instant),
  answers: Schema.optionalKey(TurnNumber),
  hops: Schema.optionalKey(Schema.Int),
  context: Schema.optionalKey(ContextValues),
  data: Schema.optionalKey(Schema.Json),
  provenance: Schema.optionalKey(Provenance),
  at: Instant,
}).annotate({ identifier: "DialogTurn" });

export const DialogDocument = Schema.Struct({
  ...documentFields,
  ...dialogFields,
  participants: Schema.Array(Principal),
  /** The participants with their preferences, in the order in which they joined. */
  members: Schema.Array(Participant),
  turnCount: Schema.Int,
  /** The newest turns; `transcript` has them all. */
  turns: Schema.Array(Turn),
  openedBy: Principal,
  openedAt: Instant,
  updatedAt: Instant,
}).annotate({ identifier: "DialogDocument" });
export type DialogDocument = typeof DialogDocument.Type;

export const dialogs = {
  description: "Each dialog: its participants and topic, who has the word, the context, and the newest turns.",
  document: DialogDocument,
  operations: {
    ...documentOperations("dialogs", DialogDocument, DialogDocument),
    transcript: {
      description:
        "The events of a dialog from the log, oldest first: who said what to whom and why; and its state now",
      input: Schema.Struct({
        id: AggregateId,
        /** The number of the first entry, 1 by default. */
        from: Schema.Int.check(Schema.isGreaterThanOrEqualTo(1)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
        limit: Limit(1000, 100),
      }),
      answer: Transcript,
    },
  },
} satisfies PublishedView;
