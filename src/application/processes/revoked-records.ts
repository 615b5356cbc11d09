import { Array as Arr, Effect, Schema } from "effect";
import { knowledge } from "../../domain/knowledge/decider.ts";
import { maxRevoked } from "../../domain/knowledge/record.ts";
import type { Action } from "../action.ts";
import { unavailableLog } from "../history.ts";
import { KnowledgeSpaces } from "../knowledge-spaces.ts";
import { ReadModels } from "../read-models.ts";
import { give } from "./actions.ts";

/** A revoked key of an author. Its signatures after `since` and before `position` in the log do not count. */
const RevokedKey = Schema.Struct({
  author: Schema.String,
  publicKey: Schema.String,
  since: Schema.String,
  position: Schema.Int,
  reason: Schema.String,
});
export type RevokedKey = typeof RevokedKey.Type;
const decodeRevokedKey = Schema.decodeUnknownEffect(RevokedKey);

/**
 * Strikes the records that a revoked key signed, in all spaces. The time of the log decides, because a thief of the key
 * controls the time stamps in the records. `react` strikes records that reach the log later.
 */
export const revokeRecords = Effect.fnUntraced(function* (input: Schema.Json) {
  const { author, publicKey, since, position, reason } = yield* Effect.orDie(decodeRevokedKey(input));
  const spaces = yield* KnowledgeSpaces;
  const documents = yield* (yield* ReadModels).upToDate("knowledge");
  const actions: Array<Action> = [];
  for (const [id, { damaged }] of documents) {
    // A damaged space is read-only.
    if (damaged !== undefined) continue;
    const { additions } = yield* unavailableLog(spaces.read(id));
    const signed = additions.flatMap((addition) =>
      "entry" in addition &&
      addition.entry.record.author === author &&
      addition.entry.signature?.publicKey === publicKey &&
      addition.time > since &&
      addition.position < position
        ? [addition.entry.id]
        : [],
    );
    for (const [index, records] of Arr.chunksOf(signed, maxRevoked).entries())
      actions.push(
        give(
          knowledge,
          id,
          { type: "revoke-records", payload: { records, publicKey, reason } },
          `revoke.${id}.${index}`,
        ),
      );
  }
  return actions;
});
