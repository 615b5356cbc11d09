import type { Schema } from "effect";
import { publishedViews } from "../../contract/views/mod.ts";
import type { PublishedView } from "../../contract/views/view.ts";
import { choiceText } from "../../domain/graph/complaints.ts";
import type { PlainSchema } from "../../domain/kernel/mod.ts";
import type { Filter } from "./documents.ts";
import { usageFailure } from "./errors.ts";

const views: Readonly<Record<string, PublishedView>> = publishedViews;

/** The fields of a view's documents. Undefined if they are not fixed. */
const fieldsOf = (schema: PlainSchema | undefined): Readonly<Record<string, Schema.Top>> | undefined =>
  schema !== undefined && "fields" in schema ? (schema.fields as Readonly<Record<string, Schema.Top>>) : undefined;

/** The values that a field can have, if it is one of a few words. */
const choicesOf = (schema: Schema.Top): ReadonlyArray<string> => {
  if (!("literals" in schema) || !Array.isArray(schema.literals)) return [];
  return schema.literals.filter((literal) => typeof literal === "string");
};

/** Refuses a filter that nothing can fit: a field that the view does not have, or a word that the field never is. */
export const checkFilter = (view: string, filter: Filter): void => {
  const fields = fieldsOf(views[view]?.document);
  if (fields === undefined) return;
  for (const [name, value] of Object.entries(filter)) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined)
      throw usageFailure(`--filter: ${view} have no field \`${name}\`: ${choiceText(name, Object.keys(fields))}`);
    const choices = choicesOf(field);
    if (choices.length > 0 && !choices.includes(String(value)))
      throw usageFailure(
        `--filter: \`${name}\` of ${view} is never \`${value}\`: ${choiceText(String(value), choices)}`,
      );
  }
};
