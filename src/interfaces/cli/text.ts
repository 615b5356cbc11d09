import { stripVTControlCharacters } from "node:util";
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

const width = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Rows under their headings, in columns as wide as their widest cell; the last column is as long as its text. */
export const table = (headings: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ""))));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

/** Milliseconds for people: `85 ms`, `1.2 s`, `2 min 5 s`. */
export const durationText = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** Lines of a story are no longer than this where the words allow. */
const widest = 120;

/** A line of a story, with what belongs to it below. */
export interface Branch {
  readonly text: string;
  readonly below?: ReadonlyArray<Branch>;
}

/** Breaks a text between its words; what follows the first line stands further right. */
const wrapped = (text: string, indent: string): ReadonlyArray<string> => {
  const lines: Array<string> = [];
  for (const word of printable(text).split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`${indent}${word}`);
    else if ([...last].length + 1 + [...word].length <= widest) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}    ${word}`);
  }
  return lines;
};

/** The lines of a story, each branch two characters further right than what it belongs to; fit for a terminal. */
export const treeLines = (branches: ReadonlyArray<Branch>, indent = ""): ReadonlyArray<string> =>
  branches.flatMap(({ text, below = [] }) => [...wrapped(text, indent), ...treeLines(below, `${indent}  `)]);

/** What the log and the feed both tell of an event. */
export interface EventLine {
  readonly time: string;
  readonly position: string;
  readonly aggregate: string;
  readonly id: string;
  readonly version: string;
  readonly type: string;
  readonly actor: string;
  readonly data: unknown;
}

const dataLength = 100;

/** An event on one line: when, what, by whom, and the beginning of its data. */
export const eventText = ({ time, position, aggregate, id, version, type, actor, data }: EventLine): string => {
  const json = printable(JSON.stringify(data));
  const short = json.length > dataLength ? `${json.slice(0, dataLength)}…` : json;
  return `${time}  ${position.padStart(6)}  ${aggregate}.${id}.${version}  ${type}  by ${actor}  ${short}`;
};
