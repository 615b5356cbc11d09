import type { Expression } from "./expression.ts";

/**
 * Text with gaps that become spaces or line breaks. A group is written on one line if it fits. `breakLines` turns docs
 * into lines as https://github.com/NixOS/nixfmt does.
 */
export type Doc = string | Gap | Group | Nest | Lines;

export type Docs = ReadonlyArray<Doc>;

/** A place between texts. */
export interface Gap {
  readonly kind: "gap";
  /** The text of the gap on one line; undefined if the gap is always a line break. */
  readonly flat: "" | " " | undefined;
  /** The number of line breaks that the gap becomes; 0 if it is always a space. */
  readonly breaks: number;
}

/**
 * Either all gaps of a group become line breaks, or none. A group that does not fit first tries to break only one of its
 * `stretch` groups, the last one first, with everything before and after it on one line. The stretches of an `open` group
 * count as those of the group around it.
 */
export interface Group {
  readonly kind: "group";
  readonly role: "plain" | "stretch" | "open";
  readonly docs: Docs;
  /** The columns on one line. If the group must be broken, the number is infinite. */
  readonly width: number;
  readonly hasStretch: boolean;
}

/** Docs with more indentation, by levels and by columns. */
export interface Nest {
  readonly kind: "nest";
  readonly levels: number;
  readonly columns: number;
  readonly docs: Docs;
  readonly width: number;
}

/**
 * Items on their own lines, one level deeper. An item is laid out only when it is written, and its layout is not kept.
 */
export interface Lines {
  readonly kind: "lines";
  /** Calls `write` for each item. `gap` is the gap before the item. */
  readonly each: (write: (item: Docs, gap: Gap | undefined) => void) => void;
}

/** The columns of a line, without its indentation. */
export const lineWidth = 100;

/** Always a space. */
export const space: Gap = { kind: "gap", flat: " ", breaks: 0 };

/** A space, or a line break. */
export const line: Gap = { kind: "gap", flat: " ", breaks: 1 };

/** Nothing, or a line break. */
export const softBreak: Gap = { kind: "gap", flat: "", breaks: 1 };

/** Always line breaks. */
export const lineBreaks = (count: number): Gap => ({ kind: "gap", flat: undefined, breaks: count });

/** Always a line break. */
export const hardBreak: Gap = lineBreaks(1);

/** Always an empty line. */
export const emptyLine: Gap = lineBreaks(2);

const grouped =
  (role: Group["role"]) =>
  (docs: Docs): Doc => ({
    kind: "group",
    role,
    docs,
    width: widthOf(docs),
    hasStretch: docs.some((doc) => isGroup(doc) && (doc.role === "stretch" || (doc.role === "open" && doc.hasStretch))),
  });

export const group = grouped("plain");

export const stretch = grouped("stretch");

export const open = grouped("open");

/** Returns the docs one level deeper. A level that begins within a line takes that line's indentation. */
export const nest = (docs: Docs): Doc => nested(1, 0, docs);

/** Returns the docs indented by some more columns. */
export const shift = (columns: number, docs: Docs): Doc => nested(0, columns, docs);

const nested = (levels: number, columns: number, docs: Docs): Doc => ({
  kind: "nest",
  levels,
  columns,
  docs,
  width: widthOf(docs),
});

/** Returns the items on their own lines, between line breaks. */
export const lines = <A>(
  items: ReadonlyArray<A>,
  docsOf: (item: A) => Docs,
  gapBefore: (item: A) => Gap = () => hardBreak,
): Docs => [
  hardBreak,
  {
    kind: "lines",
    each: (write) => {
      for (const [index, item] of items.entries()) write(docsOf(item), index === 0 ? undefined : gapBefore(item));
    },
  },
  hardBreak,
];

export const separated = (items: ReadonlyArray<Docs>, separator: Doc): Docs =>
  items.flatMap((docs, index) => (index === 0 ? docs : [separator, ...docs]));

export const isGroup = (doc: Doc): doc is Group => typeof doc !== "string" && doc.kind === "group";

/** Returns the columns (code points) on one line. If the docs must be broken, the number is infinite. */
export const widthOf = (docs: Docs): number => {
  let width = 0;
  for (const doc of docs) {
    if (typeof doc === "string") width += columnsOf(doc);
    else if (doc.kind === "gap") width += doc.flat?.length ?? Number.POSITIVE_INFINITY;
    else width += doc.kind === "lines" ? Number.POSITIVE_INFINITY : doc.width;
  }
  return width;
};

export const isOneLine = (docs: Docs): boolean => widthOf(docs) !== Number.POSITIVE_INFINITY;

/** Whether a text fits on its own line. */
export const fitsLine = (text: string): boolean => text.length <= lineWidth || columnsOf(text) <= lineWidth;

export const columnsOf = (text: string): number =>
  /[\ud800-\udbff]/.test(text) ? Array.from(text).length : text.length;

/**
 * Returns the same docs without gaps that could become line breaks, however wide they are. The docs must be
 * `isOneLine`.
 */
export const unbroken = (docs: Docs): Docs =>
  docs.flatMap((doc) => {
    if (typeof doc === "string" || doc.kind === "lines") return [doc];
    if (doc.kind === "gap") return doc.flat === " " ? [space] : [];
    const inside = unbroken(doc.docs);
    return doc.kind === "group" ? inside : [nested(doc.levels, doc.columns, inside)];
  });

/**
 * The layouts of expressions inside others. `print` passes them to the files for each kind of expression, because these
 * files cannot import `print`.
 */
export interface Layouts {
  /** The layout in a place for any expression. */
  readonly whole: (expression: Expression) => Docs;
  /** The layout in a list, as callee or as argument: in parentheses if the grammar needs them. */
  readonly operand: (expression: Expression) => Docs;
  /** The layout without its own group. The brackets break together with those around them. */
  readonly term: (term: Expression) => Docs;
  /** The layout between brackets. The expression shares the lines of the brackets if that saves an indentation. */
  readonly enclosed: (expression: Expression) => Docs;
  readonly parentheses: (expression: Expression) => Doc;
}

/** Docs that follow others, such as the value after the `=` of a binding. */
export interface Continuation {
  readonly docs: Docs;
  /** Whether the docs always begin on the line of the others. If so, their first gap is left out. */
  readonly attached: boolean;
}
