import { visible } from "../../domain/kernel/mod.ts";
import { width } from "./output.ts";

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

const isFlat = (value: unknown): boolean =>
  value === null ||
  typeof value !== "object" ||
  (Array.isArray(value) && value.every((item) => typeof item !== "object"));

/** Any document for people: one field a line, with nested fields further right. */
export const documentLines = (document: unknown, indent = ""): ReadonlyArray<string> => {
  if (document === null || typeof document !== "object") return [`${indent}${cellText(document)}`];
  if (Array.isArray(document))
    return document.flatMap((item: unknown) => {
      const [first = "", ...more] = documentLines(item, `${indent}  `);
      return [`${indent}- ${first.trimStart()}`, ...more];
    });
  return Object.entries(document).flatMap(([name, value]: [string, unknown]) =>
    isFlat(value)
      ? [`${indent}${name}: ${cellText(value)}`.trimEnd()]
      : [`${indent}${name}:`, ...documentLines(value, `${indent}  `)],
  );
};

/** Rows under their headings. A column is as wide as its widest cell; the last one is not padded. */
export const table = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<string> => {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => width(cells[column] ?? ""))));
  return lines.map((cells) =>
    cells
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - width(cell))))
      .join("  ")
      .trimEnd(),
  );
};

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
