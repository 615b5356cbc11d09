import { Schema } from "effect";
import type { PlainSchema } from "../../domain/kernel/mod.ts";

/** How the text of an option becomes a field of a payload. */
export type FieldKind = "text" | "number" | "boolean" | "list" | "text-or-json" | "json";

/** A top-level field of a command's payload, and the option it is given with. */
export interface PayloadField {
  readonly name: string;
  /** kebab-case: `requiredCapabilities` is `--required-capabilities`. */
  readonly option: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  /** The values it may have, where they are few and known. */
  readonly choices: ReadonlyArray<string>;
}

/** What is needed here of a JSON Schema. */
const FieldSchema = Schema.Struct({
  type: Schema.optionalKey(Schema.String),
  enum: Schema.optionalKey(Schema.Array(Schema.Json)),
  anyOf: Schema.optionalKey(Schema.Array(Schema.Json)),
  items: Schema.optionalKey(Schema.Json),
});
type FieldSchema = typeof FieldSchema.Type;

const PayloadSchema = Schema.Struct({
  properties: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  required: Schema.optionalKey(Schema.Array(Schema.String)),
  anyOf: Schema.optionalKey(Schema.Array(Schema.Json)),
});

const readField = Schema.decodeUnknownSync(FieldSchema);
const readPayload = Schema.decodeUnknownSync(PayloadSchema);

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const kindOf = (schema: FieldSchema): FieldKind => {
  if (schema.anyOf !== undefined) {
    const kinds = new Set(schema.anyOf.map((member) => kindOf(readField(member))));
    const [only] = kinds;
    if (kinds.size === 1 && only !== undefined) return only;
    if (kinds.size === 2 && kinds.has("text") && kinds.has("list")) return "list";
    return kinds.has("text") ? "text-or-json" : "json";
  }
  switch (schema.type) {
    case "string":
      return "text";
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "boolean";
    case "array":
      return schema.items !== undefined && kindOf(readField(schema.items)).startsWith("text") ? "list" : "json";
    default:
      return "json";
  }
};

const choicesOf = (schema: FieldSchema): ReadonlyArray<string> => [
  ...(schema.enum ?? []).filter((value) => typeof value === "string"),
  ...(schema.anyOf ?? []).flatMap((member) => choicesOf(readField(member))),
];

/** The fields of an object, or of each form that it may have: only what all forms require is required then. */
const fieldsIn = (schema: unknown): ReadonlyArray<PayloadField> => {
  const { properties = {}, required = [], anyOf } = readPayload(schema);
  if (anyOf !== undefined) {
    const forms = anyOf.map(fieldsIn);
    const byName = new Map(forms.flat().map((field) => [field.name, field]));
    return [...byName.values()].map((field) => ({
      ...field,
      required: forms.every((form) => form.some(({ name, required }) => name === field.name && required)),
    }));
  }
  return Object.entries(properties).map(([name, property]) => {
    const field = readField(property);
    const kind = kindOf(field);
    return { name, option: kebab(name), kind, required: required.includes(name), choices: choicesOf(field) };
  });
};

/** The top-level fields of a payload, as its JSON Schema has them. */
export const payloadFields = (schema: PlainSchema): ReadonlyArray<PayloadField> =>
  fieldsIn(Schema.toJsonSchemaDocument(schema).schema);
