import type { Json } from "../../agents/kit/mod.ts";
import { printable } from "./output.ts";

/** A field of a document that may be anything; undefined where the document has none. */
export const fieldOf = (document: Json | undefined, ...path: ReadonlyArray<string>): Json | undefined =>
  path.reduce<Json | undefined>(
    (value, name) =>
      typeof value === "object" && value !== null && !Array.isArray(value) && name in value
        ? (value as { readonly [key: string]: Json })[name]
        : undefined,
    document,
  );

/** The items of a field that is a list; none where it is not. */
export const itemsOf = (document: Json | undefined, ...path: ReadonlyArray<string>): ReadonlyArray<Json> => {
  const value = fieldOf(document, ...path);
  return Array.isArray(value) ? value : [];
};

/** A field as text for a terminal, empty where there is none. */
export const textOf = (document: Json | undefined, ...path: ReadonlyArray<string>): string =>
  cellText(path.length === 0 ? document : fieldOf(document, ...path));

/** A value on one line: text as it is, lists with commas, objects as JSON. */
const cellText = (value: Json | undefined): string => {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(cellText).join(", ");
  return printable(typeof value === "object" ? JSON.stringify(value) : String(value).replaceAll("\n", " "));
};

const isFlat = (value: Json): boolean =>
  value === null ||
  typeof value !== "object" ||
  (Array.isArray(value) && value.every((item) => typeof item !== "object"));

/** A document for people: a field a line, what is inside of it further right. */
export const documentText = (document: Json, indent = ""): string => {
  if (document === null || typeof document !== "object") return `${indent}${cellText(document)}`;
  if (Array.isArray(document))
    return document.map((item: Json) => `${indent}- ${documentText(item, `${indent}  `).trimStart()}`).join("\n");
  return Object.entries(document)
    .map(([name, value]: [string, Json]) =>
      isFlat(value)
        ? `${indent}${printable(name)}: ${cellText(value)}`.trimEnd()
        : `${indent}${printable(name)}:\n${documentText(value, `${indent}  `)}`,
    )
    .join("\n");
};
