import { Effect, Schema, Struct } from "effect";
import { bounds, JsonUpTo, maxKeys, type PlainSchema, Text } from "../../domain/kernel/mod.ts";

/** A question that a view answers, with the schemas of its input and its answer. */
export interface Operation {
  readonly description: string;
  readonly input: PlainSchema;
  readonly answer: PlainSchema<Schema.Json>;
  /** True if it needs only the log. Such an operation is answered even while all views are stopped. */
  readonly fromLog?: boolean;
  /** True if it cannot be asked about the past. */
  readonly nowOnly?: boolean;
}

/** A published view: its documents in the KV bucket `cim_view_<view>`, and its operations. */
export interface PublishedView {
  readonly description: string;
  readonly document: PlainSchema<Schema.Json>;
  readonly operations: { readonly get: Operation; readonly list: Operation; readonly [operation: string]: Operation };
}

/** The point at which the history of an aggregate in the log is damaged. From then on it is read-only. */
export const Damage = Schema.Struct({
  /** The position of the first message that does not fit. */
  position: Schema.Int,
  problem: Schema.String,
}).annotate({ identifier: "Damage" });
export type Damage = typeof Damage.Type;

/**
 * The fields of every document. `version` is the number of the aggregate's newest event. `position` is the position of
 * the newest commit in the document. A reader that waits for a change compares it with the position of the reply.
 * `damaged` is present if the log continues with a commit that the view cannot apply. The document then stays as it was
 * before.
 */
export const documentFields = {
  id: Schema.String,
  version: Schema.Int,
  position: Schema.Int,
  damaged: Schema.optionalKey(Damage),
};

/** Returns the schema of a page's size: 1 to `most`, and `usual` if the input has none. */
export const Limit = (most: number, usual: number) =>
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(usual)),
  );

/** A version of an aggregate, from 1. */
export const Version = Schema.Int.check(Schema.isGreaterThanOrEqualTo(1));

/** A text in a query: a name, an id or a cursor. The longest name or id fits. */
export const Asked = Text(bounds.path);

/** Each field must equal the document's field. If that is a list, the value must be in it. */
export const Filter = Schema.Record(Asked, JsonUpTo(bounds.metadata)).check(maxKeys(bounds.list));

/** The input of `list` of every view. */
export const ListInput = Schema.Struct({
  filter: Schema.optionalKey(Filter),
  limit: Limit(1000, 100),
  /** `newest` lists the last changed document first. The default is the order of the ids. */
  order: Schema.optionalKey(Schema.Literals(["id", "newest"])),
  /** The cursor of the page before. */
  cursor: Schema.optionalKey(Asked),
});
export type ListInput = typeof ListInput.Type;

/** The input of `get` of most views. */
export const ById = Schema.Struct({ id: Asked });

/**
 * Returns the schema of a page of documents. `cursor` is absent on the last page. A document that is too large for one
 * message comes without its largest fields, which `leftOut` names. `get` and the KV bucket have the whole document.
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

/** Returns the operations of every view: `get` and `list`. `list` returns `item` in place of the document. */
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
