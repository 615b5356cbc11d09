import {
  columnsOf,
  type Docs,
  type Group,
  group,
  hardBreak,
  isGroup,
  type Lines,
  lineWidth,
  widthOf,
} from "./layout.ts";

const indentWidth = 2;

/** The docs after a group: those in the same list, and those after the groups around it. */
interface Rest {
  readonly docs: Docs;
  readonly from: number;
  /** Whether its own gaps are known to stay on the line. */
  readonly flat: boolean;
  readonly next: Rest | undefined;
}

const lineEnd: Rest = { docs: [hardBreak], from: 0, flat: false, next: undefined };

/** The depth of text in the tree. */
interface Place {
  readonly level: number;
  readonly columns: number;
}

/** The indentation of the lines of a level, and of the levels around it. */
interface Level {
  readonly level: number;
  readonly indent: number;
  readonly outer: Level | undefined;
}

/** One way to break a group: in one of its stretches, with everything before and after it on one line. */
type Break = readonly [before: Docs, inside: Group, after: Docs];

/** Returns the text, without a final newline. */
export const breakLines = (docs: Docs): string => {
  /** The text that stays, and the pieces of text that an attempt to break a group may undo. */
  const settled: string[] = [];
  const texts: string[] = [];
  let attempts = 0;
  /** The current line without its indentation: the counted columns, and the text after them that is not counted yet. */
  let counted = 0;
  let uncounted = "";
  /** The line breaks before the next text, if this line is still empty. */
  let breaks = 0;
  let levels: Level = { level: 0, indent: 0, outer: undefined };
  /** Whether the next text joins the text before it. If so, its own level does not count. */
  let joins = false;

  const isLineStart = (): boolean => counted === 0 && uncounted === "";

  const columns = (): number => {
    if (uncounted !== "") counted += columnsOf(uncounted);
    uncounted = "";
    return counted;
  };

  const append = (text: string): void => {
    texts.push(text);
    columns();
    uncounted = text;
  };

  /**
   * Enters a level. A level that begins within a line takes that line's indentation, so that no line is indented by two
   * more levels.
   */
  const enter = (level: number): void => {
    while (level < levels.level && levels.outer !== undefined) levels = levels.outer;
    if (level > levels.level)
      levels = { level, indent: isLineStart() ? levels.indent + indentWidth : levels.indent, outer: levels };
  };

  const write = (text: string, place: Place): void => {
    if (!joins) enter(place.level);
    joins = true;
    if (isLineStart()) texts.push(lineStart(breaks, levels.indent + place.columns));
    append(text);
    if (attempts === 0 && texts.length > 1000) {
      settled.push(texts.join(""));
      texts.length = 0;
    }
  };

  const writeFlat = (parts: Docs, place: Place): void => {
    const text = flatText(parts);
    joins = false;
    if (isLineStart()) write(text.startsWith(" ") ? text.slice(1) : text, firstPlace(parts, place) ?? place);
    else append(text);
    joins = false;
  };

  const fits = (width: number, parts: Docs, rest: Rest | undefined): boolean => {
    if (width > lineWidth + 1) return false;
    const dropped = isLineStart() && beginsWithSpace(parts) ? 1 : 0;
    return columns() + width - dropped + firstLineWidth(rest) <= lineWidth;
  };

  const writeGroup = ({ role, docs, width, hasStretch }: Group, place: Place, rest: Rest): void => {
    joins = false;
    if (fits(width, docs, rest)) writeFlat(docs, place);
    else if (role === "open" || !hasStretch || !breaksOf(docs).some((way) => writeBreak(way, place, rest)))
      writeBroken(docs, place, rest);
    joins = false;
  };

  /** Breaks the group in this way if that is possible, and returns whether it did. */
  const writeBreak = ([before, inside, after]: Break, place: Place, rest: Rest): boolean => {
    const widthAfter = widthOf(after);
    if (widthAfter === Number.POSITIVE_INFINITY) return false;
    const afterBefore = { docs: [inside, ...after], from: 0, flat: false, next: rest };
    if (before.length > 0 && !fits(widthOf(before), before, afterBefore)) return false;
    const untouched = [texts.length, columns(), "", breaks, levels] as const;
    attempts++;
    if (before.length > 0) writeFlat(before, place);
    writeBroken(inside.docs, place, { docs: after, from: 0, flat: true, next: rest });
    attempts--;
    if (after.length === 0) return true;
    if (fits(widthAfter, after, rest)) {
      writeFlat(after, place);
      return true;
    }
    [texts.length, counted, uncounted, breaks, levels] = untouched;
    return false;
  };

  const writeBroken = (parts: Docs, place: Place, rest: Rest | undefined): void => {
    for (let index = 0; index < parts.length; index++) {
      const doc = parts[index];
      if (doc === undefined) continue;
      if (typeof doc === "string") write(doc, place);
      else if (doc.kind === "gap") writeGap(doc.breaks);
      else if (doc.kind === "lines") writeLines(doc, deeper(place, 1, 0));
      else {
        const after = { docs: parts, from: index + 1, flat: false, next: rest };
        if (doc.kind === "group") writeGroup(doc, place, after);
        else writeBroken(doc.docs, deeper(place, doc.levels, doc.columns), after);
      }
    }
  };

  const writeLines = ({ each }: Lines, place: Place): void =>
    each((item, gap) => {
      if (gap !== undefined) writeGap(gap.breaks);
      writeBroken(item, place, lineEnd);
    });

  const writeGap = (count: number): void => {
    joins = false;
    if (isLineStart()) return;
    if (count === 0) append(" ");
    else {
      breaks = count;
      counted = 0;
      uncounted = "";
    }
  };

  writeBroken([group(docs)], { level: 0, columns: 0 }, undefined);
  // `join` makes one flat text. Concatenated texts would each stay in memory until the result is read.
  return [...settled, ...texts].join("");
};

const madeLineStart = (breaks: number, indent: number): string => "\n".repeat(breaks) + " ".repeat(indent);

/** The starts of most lines, made once. */
const lineStarts = Array.from({ length: 40 }, (_, indent) => madeLineStart(1, indent));

/** Returns the start of a line: the end of the line before it, and the indentation. */
const lineStart = (breaks: number, indent: number): string =>
  (breaks === 1 ? lineStarts[indent] : undefined) ?? madeLineStart(breaks, indent);

const deeper = ({ level, columns }: Place, levels: number, more: number): Place => ({
  level: level + levels,
  columns: columns + more,
});

/** Returns the columns before the first gap that may become a line break. */
const firstLineWidth = (rest: Rest | undefined): number => {
  let width = 0;
  const ends = (docs: Docs, from: number, flat: boolean): boolean => {
    for (const doc of from === 0 ? docs : docs.slice(from)) {
      if (width > lineWidth) return true;
      if (typeof doc === "string") width += columnsOf(doc);
      else if (doc.kind === "gap") {
        if (doc.flat === undefined || (doc.breaks > 0 && !flat)) return true;
        width += doc.flat.length;
      } else if (doc.kind === "lines" || ends(doc.docs, 0, flat && doc.kind === "nest")) return true;
    }
    return false;
  };
  for (let part = rest; part !== undefined; part = part.next) if (ends(part.docs, part.from, part.flat)) break;
  return width;
};

/**
 * Returns the ways to break a group in one of its stretches, the last stretch first. The other stretches then are not
 * groups.
 */
const breaksOf = (docs: Docs): ReadonlyArray<Break> => {
  const opened = (parts: Docs): Docs =>
    parts.flatMap((doc) => (isGroup(doc) && doc.role === "open" ? opened(doc.docs) : [doc]));
  const dissolved = (parts: Docs): Docs =>
    parts.flatMap((doc) => (isGroup(doc) && doc.role === "stretch" ? doc.docs : [doc]));
  const all = opened(docs);
  return all
    .flatMap(
      (doc, index): ReadonlyArray<Break> =>
        isGroup(doc) && doc.role === "stretch"
          ? [[dissolved(all.slice(0, index)), doc, dissolved(all.slice(index + 1))]]
          : [],
    )
    .reverse();
};

const flatText = (docs: Docs): string => {
  let text = "";
  for (const doc of docs) {
    if (typeof doc === "string") text += doc;
    else if (doc.kind === "gap") text += doc.flat ?? "";
    else if (doc.kind !== "lines") text += flatText(doc.docs);
  }
  return text;
};

const beginsWithSpace = ([first]: Docs): boolean => {
  if (first === undefined || typeof first === "string" || first.kind === "lines") return false;
  return first.kind === "gap" ? first.flat === " " : beginsWithSpace(first.docs);
};

/** Returns the place of the first text. */
const firstPlace = (docs: Docs, place: Place): Place | undefined => {
  for (const doc of docs) {
    if (typeof doc === "string") return place;
    if (doc.kind === "gap" || doc.kind === "lines") continue;
    const inside = doc.kind === "nest" ? deeper(place, doc.levels, doc.columns) : place;
    const found = firstPlace(doc.docs, inside);
    if (found !== undefined) return found;
  }
  return undefined;
};
