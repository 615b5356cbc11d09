/**
 * How long text is broken into lines, as `nixfmt` does it: text with gaps that are spaces or line breaks, in groups that
 * are written on one line where they fit and are broken where they do not.
 */
export type Doc = string | Gap | Group | Nest;

/** A place where a line may end, or must where it has no text for one line. */
interface Gap {
  readonly kind: "gap";
  readonly flat: "" | " " | undefined;
  /** How many line breaks it becomes; 0 where it always is a space. */
  readonly breaks: number;
}

/**
 * Gaps of a group break all or none. A group that does not fit tries to break only one of its `stretch` groups, the
 * last one first, with all that is before and after it on one line. The stretches of an `open` group count as those of
 * the group around it.
 */
interface Group {
  readonly kind: "group";
  readonly role: "plain" | "stretch" | "open";
  readonly docs: ReadonlyArray<Doc>;
  /** Columns on one line; infinite where it has to be broken. */
  readonly width: number;
  readonly hasStretch: boolean;
}

/** Text that is further in: by a level where its lines begin below those around it, and by `columns` in any case. */
interface Nest {
  readonly kind: "nest";
  readonly levels: number;
  readonly columns: number;
  readonly docs: ReadonlyArray<Doc>;
  readonly width: number;
}

const lineWidth = 100;

const indentWidth = 2;

/** Always a space. */
export const space: Doc = { kind: "gap", flat: " ", breaks: 0 };

/** A space, or a line break. */
export const line: Doc = { kind: "gap", flat: " ", breaks: 1 };

/** Nothing, or a line break. */
export const softBreak: Doc = { kind: "gap", flat: "", breaks: 1 };

/** Always line breaks. */
export const lineBreaks = (count: number): Doc => ({ kind: "gap", flat: undefined, breaks: count });

/** Always a line break. */
export const hardBreak: Doc = lineBreaks(1);

/** Always an empty line. */
export const emptyLine: Doc = lineBreaks(2);

const grouped =
  (role: Group["role"]) =>
  (docs: ReadonlyArray<Doc>): Doc => ({
    kind: "group",
    role,
    docs,
    width: widthOf(docs),
    hasStretch: docs.some((doc) => isGroup(doc) && (doc.role === "stretch" || (doc.role === "open" && doc.hasStretch))),
  });

export const group = grouped("plain");

export const stretch = grouped("stretch");

export const open = grouped("open");

export const nest = (docs: ReadonlyArray<Doc>): Doc => nested(1, 0, docs);

/** Lines that begin inside are this many columns further in. */
export const shift = (columns: number, docs: ReadonlyArray<Doc>): Doc => nested(0, columns, docs);

const nested = (levels: number, columns: number, docs: ReadonlyArray<Doc>): Doc => ({
  kind: "nest",
  levels,
  columns,
  docs,
  width: widthOf(docs),
});

const isGroup = (doc: Doc): doc is Group => typeof doc !== "string" && doc.kind === "group";

/** Columns of the text on one line: its code points. Infinite where it has to be broken. */
export const widthOf = (docs: ReadonlyArray<Doc>): number => {
  let width = 0;
  for (const doc of docs) {
    if (typeof doc === "string") width += columnsOf(doc);
    else if (doc.kind === "gap") width += doc.flat?.length ?? Number.POSITIVE_INFINITY;
    else width += doc.width;
  }
  return width;
};

export const columnsOf = (text: string): number =>
  /[\ud800-\udbff]/.test(text) ? Array.from(text).length : text.length;

/** The text on one line; only what need not be broken has one. */
export const flatText = (docs: ReadonlyArray<Doc>): string => {
  let text = "";
  for (const doc of docs) {
    if (typeof doc === "string") text += doc;
    else if (doc.kind === "gap") text += doc.flat ?? "";
    else text += flatText(doc.docs);
  }
  return text;
};

/** The same on one line, whatever its width; only for what need not be broken. */
export const unbroken = (docs: ReadonlyArray<Doc>): ReadonlyArray<Doc> =>
  docs.flatMap((doc) => {
    if (typeof doc === "string") return [doc];
    if (doc.kind === "gap") return doc.flat === " " ? [space] : [];
    const inside = unbroken(doc.docs);
    return doc.kind === "group" ? inside : [nested(doc.levels, doc.columns, inside)];
  });

/** What follows a group, up to the end of the text. */
interface Rest {
  readonly docs: ReadonlyArray<Doc>;
  readonly from: number;
  /** Whether its own gaps are known to be no line breaks. */
  readonly flat: boolean;
  readonly next: Rest | undefined;
}

/** The columns before the first gap that may be a line break. */
const firstLineWidth = (rest: Rest | undefined): number => {
  let width = 0;
  const ends = (docs: ReadonlyArray<Doc>, from: number, flat: boolean): boolean => {
    for (let index = from; index < docs.length; index++) {
      const doc = docs[index];
      if (doc === undefined) continue;
      if (typeof doc === "string") width += columnsOf(doc);
      else if (doc.kind === "gap") {
        if (doc.flat === undefined || (doc.breaks > 0 && !flat)) return true;
        width += doc.flat.length;
      } else if (ends(doc.docs, 0, flat && doc.kind === "nest")) return true;
      if (width > lineWidth) return true;
    }
    return false;
  };
  for (let part = rest; part !== undefined; part = part.next) if (ends(part.docs, part.from, part.flat)) break;
  return width;
};

/** The ways to break a group at one of its stretches, the last one first. The others are as if they were no groups. */
const stretchesOf = (
  docs: ReadonlyArray<Doc>,
): ReadonlyArray<readonly [before: Doc[], inside: Group, after: Doc[]]> => {
  const flattened = (parts: ReadonlyArray<Doc>): ReadonlyArray<Doc> =>
    parts.flatMap((doc) => (isGroup(doc) && doc.role === "open" ? flattened(doc.docs) : [doc]));
  const dissolved = (parts: ReadonlyArray<Doc>): Doc[] =>
    parts.flatMap((doc) => (isGroup(doc) && doc.role === "stretch" ? doc.docs : [doc]));
  const all = flattened(docs);
  return all
    .flatMap((doc, index) =>
      isGroup(doc) && doc.role === "stretch"
        ? [[dissolved(all.slice(0, index)), doc, dissolved(all.slice(index + 1))] as const]
        : [],
    )
    .reverse();
};

/** Where text stands in the tree: how many levels and columns further in. */
interface Place {
  readonly level: number;
  readonly columns: number;
}

/** The indentation of the lines of a level, and of those around it. */
interface Level {
  readonly level: number;
  readonly indent: number;
  readonly outer: Level | undefined;
}

/** The text, without a final newline. */
export const render = (docs: ReadonlyArray<Doc>): string => {
  const texts: string[] = [];
  /** Columns written on this line, without its indentation. */
  let column = 0;
  let levels: Level = { level: 0, indent: 0, outer: undefined };
  /** Whether text goes on that was just written: it is one with it, whatever its own level. */
  let joins = false;

  /** A level that begins within a line takes that line's indentation, so that no line is further in by two. */
  const enter = (level: number): void => {
    while (level < levels.level && levels.outer !== undefined) levels = levels.outer;
    if (level > levels.level)
      levels = { level, indent: column === 0 ? levels.indent + indentWidth : levels.indent, outer: levels };
  };

  const write = (text: string, place: Place): void => {
    if (!joins) enter(place.level);
    joins = true;
    if (column === 0) texts.push(" ".repeat(levels.indent + place.columns));
    texts.push(text);
    column += columnsOf(text);
  };

  const writeFlat = (parts: ReadonlyArray<Doc>, place: Place): void => {
    const text = flatText(parts);
    joins = false;
    if (column === 0) write(text.startsWith(" ") ? text.slice(1) : text, firstPlace(parts, place) ?? place);
    else {
      texts.push(text);
      column += columnsOf(text);
    }
  };

  const fits = (width: number, parts: ReadonlyArray<Doc>, rest: Rest | undefined): boolean => {
    if (width === Number.POSITIVE_INFINITY) return false;
    const dropped = column === 0 && flatText(parts).startsWith(" ") ? 1 : 0;
    return column + width - dropped + firstLineWidth(rest) <= lineWidth;
  };

  const writeGroup = ({ role, docs, width, hasStretch }: Group, place: Place, rest: Rest | undefined): void => {
    if (fits(width, docs, rest)) writeFlat(docs, place);
    else if (role === "open" || !hasStretch || !stretchesOf(docs).some((parts) => writeStretch(parts, place, rest)))
      writeBroken(docs, place, rest);
  };

  const writeStretch = (
    [before, inside, after]: readonly [Doc[], Group, Doc[]],
    place: Place,
    rest: Rest | undefined,
  ): boolean => {
    const afterWidth = widthOf(after);
    const afterwards = { docs: after, from: 0, flat: true, next: rest };
    const next = { docs: [inside, ...after], from: 0, flat: false, next: rest };
    if (before.length > 0 && !fits(widthOf(before), before, next)) return false;
    if (afterWidth === Number.POSITIVE_INFINITY) return false;
    const [written, columnBefore, levelsBefore] = [texts.length, column, levels];
    if (before.length > 0) writeFlat(before, place);
    joins = false;
    writeBroken(inside.docs, place, afterwards);
    if (after.length === 0) return true;
    if (fits(afterWidth, after, rest)) {
      writeFlat(after, place);
      return true;
    }
    texts.length = written;
    [column, levels] = [columnBefore, levelsBefore];
    return false;
  };

  const writeBroken = (parts: ReadonlyArray<Doc>, place: Place, rest: Rest | undefined): void => {
    parts.forEach((doc, index) => {
      if (typeof doc === "string") write(doc, place);
      else if (doc.kind === "gap") {
        joins = false;
        if (column === 0) return;
        texts.push(doc.breaks === 0 ? " " : "\n".repeat(doc.breaks));
        column = doc.breaks === 0 ? column + 1 : 0;
      } else {
        const after = { docs: parts, from: index + 1, flat: false, next: rest };
        if (doc.kind === "group") {
          joins = false;
          writeGroup(doc, place, after);
          joins = false;
        } else writeBroken(doc.docs, inner(place, doc), after);
      }
    });
  };

  writeBroken([group(docs)], { level: 0, columns: 0 }, undefined);
  return texts.join("");
};

const inner = ({ level, columns }: Place, nested: Nest): Place => ({
  level: level + nested.levels,
  columns: columns + nested.columns,
});

/** Where the first text stands. */
const firstPlace = (docs: ReadonlyArray<Doc>, place: Place): Place | undefined => {
  for (const doc of docs) {
    if (typeof doc === "string") return place;
    if (doc.kind === "gap") continue;
    const found = firstPlace(doc.docs, doc.kind === "nest" ? inner(place, doc) : place);
    if (found !== undefined) return found;
  }
  return undefined;
};
