import type { Draft } from "../../designer/draft.ts";
import { type Patch, patched, patchOf } from "../../designer/patch.ts";

/**
 * Drafts on their way to the worker. A large draft takes the page longer to copy than a letter may take to appear. So each
 * side keeps the last few drafts, and of the next one only goes what is different.
 */
export interface Told {
  readonly number: number;
  /** The draft that the patch is of; undefined if it is of an empty one. */
  readonly since: number | undefined;
  /** Undefined if the worker has the draft. */
  readonly patch: Patch | undefined;
  /** Drafts that will not be named again. */
  readonly forget: ReadonlyArray<number>;
}

/** Drafts that both sides keep: a base, what is live, and some that one compares. */
const mostKept = 8;

const empty: Draft = { id: "", nodes: [], edges: [] };

/** Whether a value is a graph that is worth a patch. */
export const isDraft = (value: unknown): value is Draft =>
  typeof value === "object" &&
  value !== null &&
  "nodes" in value &&
  "edges" in value &&
  Array.isArray(value.nodes) &&
  Array.isArray(value.edges);

/** The side of the page. */
export class Teller {
  /** What was told, the longest unused first. */
  readonly #told = new Map<Draft, number>();
  #last = 0;

  tell(draft: Draft): Told {
    const known = this.#told.get(draft);
    if (known !== undefined) {
      this.#told.delete(draft);
      this.#told.set(draft, known);
      return { number: known, since: undefined, patch: undefined, forget: [] };
    }
    const [base, since] = [...this.#told].findLast(([{ id }]) => id === draft.id) ?? [empty, undefined];
    this.#last += 1;
    this.#told.set(draft, this.#last);
    const forget: Array<number> = [];
    for (const [old, number] of this.#told) {
      if (this.#told.size <= mostKept) break;
      this.#told.delete(old);
      forget.push(number);
    }
    return { number: this.#last, since, patch: patchOf(base, draft), forget };
  }
}

/** The side of the worker. */
export class Hearer {
  readonly #heard = new Map<number, Draft>();

  hear({ number, since, patch, forget }: Told): Draft {
    const base = since === undefined ? empty : this.#heard.get(since);
    const draft = patch === undefined ? this.#heard.get(number) : base && patched(base, patch);
    if (draft === undefined) throw new Error(`the worker does not know draft ${number}: load the page again`);
    this.#heard.set(number, draft);
    for (const old of forget) this.#heard.delete(old);
    return draft;
  }
}
