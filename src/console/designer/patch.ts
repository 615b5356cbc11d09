import type { Draft, Fields } from "./draft.ts";

/** What of a list is another: from where, how many go, and what comes. */
interface Splice {
  readonly from: number;
  readonly gone: number;
  readonly come: ReadonlyArray<Fields>;
}

/** What makes one draft of another. */
export interface Patch {
  readonly rest: Omit<Draft, "nodes" | "edges">;
  readonly nodes: Splice;
  readonly edges: Splice;
}

/** What two lists have in common at both ends is left out. A draft shares what did not change with the one before. */
const spliceOf = (before: ReadonlyArray<Fields>, after: ReadonlyArray<Fields>): Splice => {
  const most = Math.min(before.length, after.length);
  let from = 0;
  while (from < most && before[from] === after[from]) from += 1;
  let end = 0;
  while (end < most - from && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  return { from, gone: before.length - from - end, come: after.slice(from, after.length - end) };
};

const spliced = (before: ReadonlyArray<Fields>, { from, gone, come }: Splice): ReadonlyArray<Fields> => [
  ...before.slice(0, from),
  ...come,
  ...before.slice(from + gone),
];

/** Returns what is different in a draft: one field of ten thousand nodes is one node. */
export const patchOf = (before: Draft, { nodes, edges, ...rest }: Draft): Patch => ({
  rest,
  nodes: spliceOf(before.nodes, nodes),
  edges: spliceOf(before.edges, edges),
});

/** The draft that {@link patchOf} was made of. */
export const patched = (before: Draft, { rest, nodes, edges }: Patch): Draft => ({
  ...rest,
  nodes: spliced(before.nodes, nodes),
  edges: spliced(before.edges, edges),
});
