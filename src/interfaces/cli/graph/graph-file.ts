import { applyEdits, modify } from "jsonc-parser";
import { parseDocument, stringify } from "yaml";
import { graphFileText } from "../../../domain/graph/canonical.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { isYamlFile } from "../read-input.ts";
import { hasJsonComments } from "../written-json.ts";
import { hasYamlComments } from "../yaml.ts";

/** A graph as the text of a file of this name, in canonical order. */
export const textForFile = (file: string, document: GraphDocument): string =>
  isYamlFile(file) ? stringify(JSON.parse(graphFileText(document)), { lineWidth: 0 }) : graphFileText(document);

/** Whether the text of a file has comments, which are lost if it is written anew. */
export const hasComments = (file: string, text: string): boolean =>
  isYamlFile(file) ? hasYamlComments(text) : hasJsonComments(text);

/** A member of a document, or an item of one of its lists; `end` is the place behind the last item. */
export type Place = readonly [field: string] | readonly [field: string, index: number | "end"];

const withYamlValue = (text: string, [field, index]: Place, value: unknown): string => {
  const document = parseDocument(text);
  if (index === undefined) document.set(field, document.createNode(value));
  else if (index === "end") document.addIn([field], document.createNode(value));
  else document.setIn([field, index], document.createNode(value));
  return document.toString({ lineWidth: 0 });
};

const withJsonValue = (text: string, [field, index]: Place, value: unknown): string => {
  const path = index === undefined ? [field] : [field, index === "end" ? -1 : index];
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  return applyEdits(text, modify(text, path, value, { formattingOptions, isArrayInsertion: index === "end" }));
};

/** The text of a file with another value at this place. What else is written in it stays, comments too. */
export const withValue = (file: string, text: string, place: Place, value: unknown): string =>
  (isYamlFile(file) ? withYamlValue : withJsonValue)(text, place, value);
