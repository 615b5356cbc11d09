/** Elements in the order of their keys, with some set or removed. */
export class Patched<A> {
  readonly #elements: ReadonlyArray<A>;
  readonly #keyOf: (element: A) => string;
  /** The changed elements by key; undefined for removed ones. */
  readonly #changes = new Map<string, A | undefined>();

  /** `elements` must be sorted by key, code unit by code unit, without duplicate keys. */
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

  /**
   * Returns all elements in order. Unchanged ones are copied in runs, so a small change of a long list costs little.
   */
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

  /** Returns the index of the first element, from `low` on, that does not come before the key. */
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
