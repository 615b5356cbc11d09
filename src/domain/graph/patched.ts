/** Elements in the order of their keys, of which some are set or removed. */
export class Patched<A> {
  readonly #elements: ReadonlyArray<A>;
  readonly #keyOf: (element: A) => string;
  /** What was set, by key; undefined where it was removed. */
  readonly #changes = new Map<string, A | undefined>();

  /** `elements` are in the order of their keys, code unit by code unit, and no two have the same one. */
  constructor(elements: ReadonlyArray<A>, keyOf: (element: A) => string) {
    this.#elements = elements;
    this.#keyOf = keyOf;
  }

  get(key: string): A | undefined {
    if (this.#changes.has(key)) return this.#changes.get(key);
    const found = this.#elements[this.#indexFrom(0, key)];
    return found !== undefined && this.#keyOf(found) === key ? found : undefined;
  }

  set(key: string, element: A): void {
    this.#changes.set(key, element);
  }

  remove(key: string): void {
    this.#changes.set(key, undefined);
  }

  /** All elements, in order. What was not changed is copied in runs: a small change of a long list costs little. */
  all(): ReadonlyArray<A> {
    if (this.#changes.size === 0) return this.#elements;
    const all: Array<A> = [];
    let copied = 0;
    const copyTo = (end: number) => {
      for (; copied < end; copied++) {
        const element = this.#elements[copied];
        if (element !== undefined) all.push(element);
      }
    };
    for (const key of [...this.#changes.keys()].sort()) {
      copyTo(this.#indexFrom(copied, key));
      const replaced = this.#elements[copied];
      if (replaced !== undefined && this.#keyOf(replaced) === key) copied += 1;
      const element = this.#changes.get(key);
      if (element !== undefined) all.push(element);
    }
    copyTo(this.#elements.length);
    return all;
  }

  /** Index of the first element, from `low` on, that does not come before the key. */
  #indexFrom(low: number, key: string): number {
    let high = this.#elements.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const element = this.#elements[middle];
      if (element !== undefined && this.#keyOf(element) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
