import { stripVTControlCharacters } from "node:util";

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
