import { type Command, InvalidArgumentError, Option } from "commander";
import { Schema } from "effect";
import type { PlainSchema } from "../../domain/kernel/mod.ts";
import { usageFailure } from "./errors.ts";
import type { Host } from "./invocation.ts";
import { jsonArgument, parseJson } from "./read-input.ts";

/** How the text of an option becomes the value of a field. */
export type FieldKind = "text" | "number" | "boolean" | "list" | "text-or-json" | "json";

/** A top-level field of a command's payload, and the option it is given with. */
export interface PayloadField {
  readonly name: string;
  /** kebab-case: `requiredCapabilities` is `--required-capabilities`. */
  readonly option: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  /** The values it may have; empty if they are not a fixed list. */
  readonly choices: ReadonlyArray<string>;
}

/** The parts of a JSON Schema that options are made from. */
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

/** The fields of an object, or of each of its forms. A field is required if all forms require it. */
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

/** The top-level fields of a payload, from its JSON Schema. */
export const payloadFields = (schema: PlainSchema): ReadonlyArray<PayloadField> =>
  fieldsIn(Schema.toJsonSchemaDocument(schema).schema);

type JsonObject = { readonly [key: string]: Schema.Json };

const number = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) throw new InvalidArgumentError("It must be a number.");
  return value;
};

/** All items, in order, of an option that takes `a,b` or a JSON list and may be given again. */
const list = (text: string, before: ReadonlyArray<Schema.Json> = []): ReadonlyArray<Schema.Json> => [
  ...before,
  ...(text.trimStart().startsWith("[")
    ? jsonList(text)
    : text.split(",").flatMap((item) => (item.trim() === "" ? [] : [item.trim()]))),
];

const jsonList = (text: string): ReadonlyArray<Schema.Json> => {
  try {
    const value = parseJson(text, "a list");
    if (Array.isArray(value)) return value;
  } catch {
    // The message below is in the words of the option.
  }
  throw new InvalidArgumentError("It must be a list: a,b or JSON.");
};

const placeholder: Readonly<Record<FieldKind, string>> = {
  text: " <text>",
  number: " <number>",
  boolean: "",
  list: " <a,b,…>",
  "text-or-json": " <text|json>",
  json: " <json|@file|->",
};

const optionsOf = (field: PayloadField): ReadonlyArray<Option> => {
  const option = new Option(`--${field.option}${placeholder[field.kind]}`, field.required ? "required" : "");
  switch (field.kind) {
    case "number":
      return [option.argParser(number)];
    case "list":
      return [option.argParser(list)];
    case "boolean":
      return [option, new Option(`--no-${field.option}`)];
    case "text":
      return [field.choices.length > 0 ? option.choices(field.choices) : option];
    default:
      return [option];
  }
};

/** Options that every command has. A field of such a name is given within `--data`. */
const reserved: ReadonlySet<string> = new Set([
  "data",
  "json",
  "nats",
  "prefix",
  "as",
  "secure",
  "timeout",
  "color",
  "help",
]);

/** Gives a command an option for each field, and `--data` for the whole payload. */
export const addPayloadOptions = (command: Command, fields: ReadonlyArray<PayloadField>): void => {
  if (fields.length === 0) return;
  for (const field of fields.filter(({ option }) => !reserved.has(option)))
    for (const option of optionsOf(field)) command.addOption(option);
  command.option("--data <json|@file|->", "the whole payload; the options above replace its fields");
};

const camel = (option: string): string => option.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());

const looksLikeJson = (text: string): boolean => /^\s*[[{"]|^-?\d+(?:\.\d+)?$|^(?:true|false|null)$/.test(text);

const fieldValue = async (host: Host, field: PayloadField, value: unknown): Promise<Schema.Json> => {
  if (typeof value !== "string") return value as Schema.Json;
  if (field.kind === "json" || (field.kind === "text-or-json" && looksLikeJson(value)))
    return jsonArgument(host, `--${field.option}`, value);
  return value;
};

const isObject = (value: Schema.Json): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The payload from the options of a command. Fails if a required field is missing; the backend checks the rest. */
export const payloadOf = async (
  host: Host,
  command: Command,
  fields: ReadonlyArray<PayloadField>,
): Promise<JsonObject> => {
  const options = command.opts();
  const data: unknown = options.data;
  const whole = typeof data === "string" ? await jsonArgument(host, "--data", data) : {};
  if (!isObject(whole)) throw usageFailure("--data must be a JSON object: give the payload's fields by name");
  const given: Record<string, Schema.Json> = {};
  for (const field of fields.filter(({ option }) => !reserved.has(option))) {
    const name = camel(field.option);
    if (command.getOptionValueSource(name) === "cli") given[field.name] = await fieldValue(host, field, options[name]);
  }
  const missing = fields.filter(({ name, required }) => required && !(name in given) && !(name in whole));
  if (missing.length > 0)
    throw usageFailure(
      `${missing.map(({ option }) => `--${option}`).join(", ")} ${missing.length === 1 ? "is" : "are"} required: give ${missing.length === 1 ? "it" : "them"}, or the whole payload with --data`,
    );
  return { ...whole, ...given };
};
