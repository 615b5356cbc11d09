import type { Client } from "../../agents/kit/mod.ts";
import type { Listed } from "./documents.ts";
import type { Invocation } from "./invocation.ts";
import { agoText, cellText, columnWidths, isMoment, rowText, shortHash, table } from "./text.ts";

/** How the items of a view's list are shown. */
export interface Listing<Shown> {
  readonly headings: ReadonlyArray<string>;
  /** The word for what is listed; the name of the view if it is absent. */
  readonly things?: string;
  /** The values under the headings; `undefined` leaves a cell empty. */
  readonly row: (item: Shown) => ReadonlyArray<unknown>;
  /** What `get` says of a document in words, below its fields. */
  readonly words?: (document: Shown) => ReadonlyArray<string>;
  /** Says what of all items an operator should know too. */
  readonly note?: (cli: Invocation, client: Client) => Promise<void>;
  /** Adds to items what the list shows and they do not have. */
  readonly complete?: (
    client: Client,
    items: ReadonlyArray<Shown>,
    signal: AbortSignal,
  ) => Promise<ReadonlyArray<Shown>>;
}

type FieldOf<T> = T extends object ? keyof T & string : never;

/** The value of a field of any document. */
export const fieldOf = (document: unknown, field: string): unknown =>
  typeof document === "object" && document !== null ? Reflect.get(document, field) : undefined;

/** A list with a column for each of these fields of a view; `nodeCount` is headed NODE COUNT. */
export const columns = <V extends string>(...fields: ReadonlyArray<FieldOf<Listed<V>>>): Listing<Listed<V>> => ({
  headings: fields.map((field) => field.replaceAll(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase()),
  row: (item) => fields.map((field) => fieldOf(item, field)),
});

/** How values are shown: for a narrow screen, moments as ages and closures by 8 characters; or in full. */
export interface Shape {
  readonly wide?: boolean;
  /** Milliseconds since 1970 from which ages count. */
  readonly now?: number;
}

const shortText = (value: unknown, now: number): string =>
  typeof value === "string" && isMoment(value) ? agoText(value, now) : shortHash(cellText(value));

/** The cells of an item, safe for a terminal. */
export const cellsOf = <Shown>(
  { row }: Pick<Listing<Shown>, "row">,
  item: Shown,
  { wide = false, now = Date.now() }: Shape = {},
): ReadonlyArray<string> => row(item).map((value) => (wide ? cellText(value) : shortText(value, now)));

/** Items as a table; `things` is the word for them. */
export const listLines = <Shown>(
  things: string,
  listing: Listing<Shown>,
  items: ReadonlyArray<Shown>,
  shape: Shape = {},
): ReadonlyArray<string> =>
  items.length === 0
    ? [`no ${things}`]
    : table(
        listing.headings,
        items.map((item) => cellsOf(listing, item, shape)),
      );

/** A table that grows: the rows that come later stand under the headings of the first ones. */
export const growingTable = <Shown>(listing: Listing<Shown>, items: ReadonlyArray<Shown>, shape: Shape = {}) => {
  const first = [listing.headings, ...items.map((item) => cellsOf(listing, item, shape))];
  const widths = columnWidths(first);
  return {
    lines: first.map((cells) => rowText(cells, widths)),
    line: (item: Shown): string => rowText(cellsOf(listing, item, shape), widths),
  };
};
