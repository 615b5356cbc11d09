import { visible } from "../../domain/kernel/mod.ts";
import { width } from "./output.ts";
import { yamlLines } from "./yaml.ts";

/** Is said beside names of people and agents: an open installation believes whoever connects. */
const namesAreUnproven = "identities are not checked here: whoever connects is believed to be who they say";

/** Is said beside names of a closed installation. What was written before it was closed nobody has checked. */
const namesAreChecked = "this installation is closed: the nats-server checks who connects, and what they may do";

/** Whether the names of an installation can be believed. */
export const identityText = (checked: boolean): string => (checked ? namesAreChecked : namesAreUnproven);

/**
 * A value on one line: text as it is, with escapes for what cannot be seen, lists with commas, objects as JSON, nothing for no value.
 */
export const cellText = (value: unknown): string => {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(cellText).join(", ");
  return visible(typeof value === "object" ? JSON.stringify(value) : String(value));
};

/**
 * A closure or a digest by the first 8 characters of its hash; other texts as they are. `--json` and `get` have the
 * whole of it.
 */
export const shortHash = (text: string): string => {
  const { hash } = /^(?:\/nix\/store\/|sha256-)(?<hash>[0-9a-z]{8})[0-9a-z]{24,}(?:-|$)/.exec(text)?.groups ?? {};
  return hash ?? text;
};

/** Any document for people, as YAML. `indent` begins each line. */
export const documentLines = (document: unknown, indent = ""): ReadonlyArray<string> =>
  yamlLines(document).map((line) => `${indent}${line}`);

/** The width of each column: that of its widest cell. */
export const columnWidths = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<number> =>
  (rows[0] ?? []).map((_, column) => Math.max(...rows.map((cells) => width(cells[column] ?? ""))));

/** Cells of these widths in a row. The last one is not padded. */
export const rowText = (cells: ReadonlyArray<string>, widths: ReadonlyArray<number>): string =>
  cells
    .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
    .join("  ")
    .trimEnd();

/** Rows under their headings. A column is as wide as its widest cell. */
export const table = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<string> => {
  const widths = columnWidths([headings, ...rows]);
  return [headings, ...rows].map((cells) => rowText(cells, widths));
};

/** Whether a text is a moment, as the contract writes them. */
export const isMoment = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z$/.test(text);

const spans = [
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
] as const;

/** A moment for people, to the second, in UTC: `2026-11-23 12:00:00Z`. */
export const momentText = (at: string): string => at.replace(/^(\S+)T(\d{2}:\d{2}:\d{2})(?:\.\d+)?Z$/, "$1 $2Z");

/** How long ago a moment was (`5 min ago`), or when it will be (`in 51 s`). `now`: milliseconds since 1970. */
export const agoText = (at: string, now: number): string => {
  const seconds = Math.round((now - Date.parse(at)) / 1000);
  const [size, unit] = spans.find(([span]) => Math.abs(seconds) >= span) ?? [1, "s"];
  const text = `${Math.floor(Math.abs(seconds) / size)} ${unit}`;
  return seconds < 0 ? `in ${text}` : `${text} ago`;
};

/** A number of things: `1 node`, `no nodes`, `20,000 nodes`. */
export const countText = (count: number, thing: string): string =>
  `${count === 0 ? "no" : count.toLocaleString("en-US")} ${thing}${count === 1 ? "" : "s"}`;

/** Milliseconds for people: `85 ms`, `1.2 s`, `2 min 5 s`. */
export const durationText = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
};

/** Lines of a tree are not longer than this, unless a word is. */
const widest = 120;

/** A line of a tree, with the branches below it. */
export interface Branch {
  readonly text: string;
  readonly below?: ReadonlyArray<Branch>;
}

/** Breaks a text between its words. Lines after the first are indented further. */
const wrapped = (text: string, indent: string): ReadonlyArray<string> => {
  const lines: Array<string> = [];
  for (const word of text.split(/\s+/).map(visible)) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(`${indent}${word}`);
    else if ([...last].length + 1 + [...word].length <= widest) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`${indent}    ${word}`);
  }
  return lines;
};

/** The lines of a tree. Each branch is two characters further right than the one above it. */
export const treeLines = (branches: ReadonlyArray<Branch>, indent = ""): ReadonlyArray<string> =>
  branches.flatMap(({ text, below = [] }) => [...wrapped(text, indent), ...treeLines(below, `${indent}  `)]);

/** The fields of an event that both the log and the feed have. */
export interface EventLine {
  readonly time: string;
  readonly position: number;
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly type: string;
  readonly actor: string;
  readonly data: unknown;
}

const dataLength = 100;

/** An event on one line: time, position, aggregate, type, actor, and the beginning of its data. */
export const eventText = ({ time, position, aggregate, id, version, type, actor, data }: EventLine): string => {
  const json = JSON.stringify(data);
  const short = json.length > dataLength ? `${json.slice(0, dataLength)}…` : json;
  return `${time}  ${String(position).padStart(6)}  ${aggregate}.${id}.${version}  ${type}  by ${actor}  ${short}`;
};
