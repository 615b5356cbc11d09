/** The properties of a request that decide its turn. */
export interface Claim {
  /** Its kind, such as commands to agents; undefined if it has none. Kinds are few, and callers cannot invent them. */
  readonly kind?: string | undefined;
  /** The caller. Places are shared among askers. */
  readonly asker: string;
  /** The thing that requests take turns at, such as an aggregate; undefined if there is none. */
  readonly target?: string | undefined;
  readonly bytes: number;
}

/** How many requests are worked on at a time, and how many may wait. */
export interface Limits {
  readonly working: number;
  /** At a time, for one asker, so that others get a place. */
  readonly workingOfOneAsker: number;
  /** At a time, at one target. More would only wait for each other. */
  readonly workingAtOneTarget: number;
  readonly waiting: number;
  readonly waitingOfOneAsker: number;
  readonly waitingAtOneTarget: number;
  /** The bytes of all requests that wait or are worked on. */
  readonly bytes: number;
  /** The bytes of one asker among these. */
  readonly bytesOfOneAsker: number;
}

interface Waiting<T> {
  readonly item: T;
  readonly claim: Claim;
}

/** Moves an entry that had its turn to the end, or removes it if it has nothing left. */
const toTheEnd = <K, V>(turns: Map<K, V>, who: K, has: V, left: number): void => {
  turns.delete(who);
  if (left > 0) turns.set(who, has);
};

/** Counts by name. A name whose count is 0 takes no memory. */
class Tally {
  readonly #numbers = new Map<string, number>();

  of(name: string): number {
    return this.#numbers.get(name) ?? 0;
  }

  add(name: string, number: number): void {
    const sum = this.of(name) + number;
    if (sum > 0) this.#numbers.set(name, sum);
    else this.#numbers.delete(name);
  }
}

/**
 * The requests that wait for a place, and the number that are worked on. A free place goes to the kinds in turn, within
 * a kind to its askers, and within an asker to its targets. So no asker waits behind the requests of another one.
 * Without kinds, a newcomer would wait for one turn of each of a thousand agents that register at once. Requests of one
 * asker at one target keep their order.
 */
export class WaitingLine<T> {
  readonly #limits: Limits;
  /** By kind, asker and target, each in the order of their turns. */
  readonly #lines = new Map<string | undefined, Map<string, Map<string | undefined, Array<Waiting<T>>>>>();
  readonly #waiting = { all: 0, byAsker: new Tally(), byTarget: new Tally() };
  readonly #working = { all: 0, byAsker: new Tally(), byTarget: new Tally() };
  readonly #bytes = { all: 0, byAsker: new Tally() };

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Adds a request to the line. Returns false, and does not add it, if there is no room. */
  add(item: T, claim: Claim): boolean {
    if (!this.#hasRoom(claim)) return false;
    const { kind, asker, target } = claim;
    const askers = this.#lines.get(kind) ?? new Map<string, Map<string | undefined, Array<Waiting<T>>>>();
    const lines = askers.get(asker) ?? new Map<string | undefined, Array<Waiting<T>>>();
    const line = lines.get(target) ?? [];
    line.push({ item, claim });
    lines.set(target, line);
    askers.set(asker, lines);
    this.#lines.set(kind, askers);
    this.#count(this.#waiting, claim, 1);
    this.#bytes.all += claim.bytes;
    this.#bytes.byAsker.add(asker, claim.bytes);
    return true;
  }

  /** Takes the next request and a place for it. Returns undefined if no waiting request may have a place. */
  next(): Waiting<T> | undefined {
    if (this.#working.all >= this.#limits.working) return undefined;
    for (const [kind, askers] of this.#lines)
      for (const [asker, lines] of askers) {
        if (this.#working.byAsker.of(asker) >= this.#limits.workingOfOneAsker) continue;
        for (const [target, line] of lines) {
          if (target !== undefined && this.#working.byTarget.of(target) >= this.#limits.workingAtOneTarget) continue;
          const taken = line.shift();
          toTheEnd(lines, target, line, line.length);
          toTheEnd(askers, asker, lines, lines.size);
          toTheEnd(this.#lines, kind, askers, askers.size);
          if (taken === undefined) continue;
          this.#count(this.#waiting, taken.claim, -1);
          this.#count(this.#working, taken.claim, 1);
          return taken;
        }
      }
    return undefined;
  }

  /** Gives back the place of a request that {@link next} has returned. */
  done(claim: Claim): void {
    this.#count(this.#working, claim, -1);
    this.#bytes.all -= claim.bytes;
    this.#bytes.byAsker.add(claim.asker, -claim.bytes);
  }

  /** Removes and returns all waiting requests. */
  clear(): ReadonlyArray<T> {
    const all = [...this.#lines.values()].flatMap((askers) =>
      [...askers.values()].flatMap((lines) => [...lines.values()].flat()),
    );
    this.#lines.clear();
    for (const { claim } of all) {
      this.#count(this.#waiting, claim, -1);
      this.#bytes.all -= claim.bytes;
      this.#bytes.byAsker.add(claim.asker, -claim.bytes);
    }
    return all.map(({ item }) => item);
  }

  #hasRoom({ asker, target, bytes }: Claim): boolean {
    const { waiting, waitingOfOneAsker, waitingAtOneTarget, bytes: most, bytesOfOneAsker } = this.#limits;
    return (
      this.#waiting.all < waiting &&
      this.#waiting.byAsker.of(asker) < waitingOfOneAsker &&
      (target === undefined || this.#waiting.byTarget.of(target) < waitingAtOneTarget) &&
      this.#bytes.all + bytes <= most &&
      this.#bytes.byAsker.of(asker) + bytes <= bytesOfOneAsker
    );
  }

  #count(counted: { all: number; readonly byAsker: Tally; readonly byTarget: Tally }, claim: Claim, by: 1 | -1): void {
    counted.all += by;
    counted.byAsker.add(claim.asker, by);
    if (claim.target !== undefined) counted.byTarget.add(claim.target, by);
  }
}
