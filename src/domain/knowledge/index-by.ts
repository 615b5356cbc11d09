const nothing: ReadonlyArray<never> = [];

/** Values by key, in the order in which they came. Most keys have one value, which then needs no list of its own. */
export class IndexBy<T extends object> {
  readonly #values = new Map<string, T | Array<T>>();

  add(key: string, value: T): void {
    const known = this.#values.get(key);
    if (known === undefined) this.#values.set(key, value);
    else if (Array.isArray(known)) known.push(value);
    else this.#values.set(key, [known, value]);
  }

  of(key: string): ReadonlyArray<T> {
    const known = this.#values.get(key);
    if (known === undefined) return nothing;
    return Array.isArray(known) ? known : [known];
  }

  keys(): Iterable<string> {
    return this.#values.keys();
  }
}
