import { printable } from "./output.ts";

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
