import { JsonSchema, type Schema, type SchemaAST, SchemaRepresentation } from "effect";
import type { PlainSchema } from "../../domain/kernel/mod.ts";
import { partNames } from "./part-names.ts";

export type Json = Schema.Json;
export type JsonObject = { readonly [key: string]: Json };

/** JSON Schemas by name, and the schemas that were asked for; both are complete once `finish` has run. */
export interface Components {
  /** Returns the place of a schema in the document. It is empty until `finish`. */
  readonly of: (schema: PlainSchema) => JsonObject;
  /** Fills all places, and returns the parts that they share by name. */
  readonly finish: () => JsonObject;
}

/** The safe integers, which every `Schema.Int` is checked for: they say nothing of what is meant. */
const isSafeBound = (name: string, value: unknown): boolean =>
  (name === "minimum" && value === Number.MIN_SAFE_INTEGER) ||
  (name === "maximum" && value === Number.MAX_SAFE_INTEGER);

/** The same JSON Schema as a part of an AsyncAPI document, whose schemas are of draft 07. */
const asPart = (schema: JsonSchema.JsonSchema): JsonObject => {
  const draft07 = JsonSchema.toDocumentDraft07({ dialect: "draft-2020-12", schema, definitions: {} });
  const text = JSON.stringify(draft07.schema, (name, value) => (isSafeBound(name, value) ? undefined : value));
  return JSON.parse(text.replaceAll(/"#\/(?:\$defs|definitions)\//gu, '"#/components/schemas/'));
};

/**
 * Collects the schemas of a document, so that what several of them have in common is written once. A part is shared if
 * it has an `identifier`, or a name in `part-names.ts`.
 */
export const makeComponents = (): Components => {
  const places = new Map<SchemaAST.AST, { [key: string]: Json }>();
  return {
    of: ({ ast }) => {
      const place = places.get(ast) ?? {};
      places.set(ast, place);
      return place;
    },
    finish: () => {
      const [first, ...rest] = places.keys();
      if (first === undefined) return {};
      const representations = SchemaRepresentation.toRepresentations([first, ...rest], {
        referencePolicy: ({ ast, occurrences, identifier }) =>
          identifier ?? (occurrences > 1 ? partNames.get(ast) : undefined),
      });
      const { schemas, definitions } = SchemaRepresentation.toJsonSchemaMultiDocument(representations, {
        onExcessProperty: "error",
      });
      const filled = [...places.values()];
      for (const [index, schema] of schemas.entries()) Object.assign(filled[index] ?? {}, asPart(schema));
      const sorted = Object.entries(definitions).sort(([one], [other]) => (one < other ? -1 : 1));
      return Object.fromEntries(sorted.map(([name, definition]) => [name, asPart(definition)]));
    },
  };
};
