import { Effect, Schema, Struct } from "effect";
import { bounds, JsonUpTo, maxKeys, type PlainSchema, Text } from "../../domain/kernel/mod.ts";

/** A question that a view answers: the form of its input and of its answer. */
export interface Operation {
  readonly description: string;
  readonly input: PlainSchema;
  readonly answer: PlainSchema<Schema.Json>;
  /** True if the log alone is needed: it is answered also while no view can go on. */
  readonly fromLog?: boolean;
  /** True if it cannot be asked of a moment of the past. */
  readonly nowOnly?: boolean;
}

/** A view as it is published: its documents in the KV bucket `cim_view_<view>`, and the operations it answers. */
export interface PublishedView {
  readonly description: string;
  readonly document: PlainSchema<Schema.Json>;
  readonly operations: { readonly get: Operation; readonly list: Operation; readonly [operation: string]: Operation };
}

/** What ends the history of an aggregate in the log. It can only be read from then on. */
export const Damage = Schema.Struct({
  /** The place of the first message that does not fit. */
  position: Schema.Int,
  problem: Schema.String,
}).annotate({ identifier: "Damage" });
export type Damage = typeof Damage.Type;

/**
 * The fields of every document. `version` is the number of the aggregate's newest event. `position` is the place of the
 * newest commit in the document: a reader that waits for a change compares it with the position of the reply. `damaged` is there if
 * the log goes on with something that the view cannot take: the document is as it was before.
 */
export const documentFields = {
  id: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  damaged: Schema.optionalKey(Damage),
};

/** How many items a page has: from 1 to `most`, `usual` if the input has no limit. */
export const Limit = (most: number, usual: number) =>
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(usual)),
  );

/** A version of an aggregate, from 1. */
export const Version = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** A text in a query: a name, an id, a cursor. No name and no id is longer. */
export const Asked = Text(bounds.path);

/** Each field must equal the document's field, or be in it if that is a list. */
export const Filter = Schema.Record(Asked, JsonUpTo(bounds.metadata)).check(maxKeys(bounds.list));

/** The input of `list` of every view. */
export const ListInput = Schema.Struct({
  filter: Schema.optionalKey(Filter),
  limit: Limit(1000, 100),
  /** `newest`: what changed last comes first. By default, the order of the ids. */
  order: Schema.optionalKey(Schema.Literals(["id", "newest"])),
  /** The cursor of the page before. */
  cursor: Schema.optionalKey(Asked),
});
export type ListInput = typeof ListInput.Type;

/** The input of `get` of most views. */
export const ById = Schema.Struct({ id: Asked });

/**
 * A page of documents. `cursor` is absent on the last page. A document that is too large for one message comes without
 * its largest fields, and `leftOut` names them: `get`, or the KV bucket, has the whole document.
 */
export const pageOf = <const Fields extends { readonly id: Schema.Codec<string> } & Schema.Struct.Fields>(
  item: Schema.Struct<Fields>,
) =>
  Schema.Struct({
    items: Schema.Array(
      Schema.Union([
        item,
        Schema.Struct({
          ...Struct.map(Struct.omit(item.fields, ["id"]), Schema.optionalKey),
          id: Schema.String,
          leftOut: Schema.Array(Schema.String),
        }),
      ]),
    ),
    cursor: Schema.optionalKey(Schema.String),
  });

/** The operations of every view: one document, and a list of them. `list` shows `item` in place of the document. */
export const documentOperations = <
  Document extends PlainSchema<Schema.Json>,
  const Fields extends { readonly id: Schema.Codec<string> } & Schema.Struct.Fields,
>(
  view: string,
  document: Document,
  item: Schema.Struct<Fields>,
) => ({
  get: { description: `The document of one ${view} entry`, input: ById, answer: document },
  list: { description: `The documents of ${view}, filtered, in pages`, input: ListInput, answer: pageOf(item) },
});
