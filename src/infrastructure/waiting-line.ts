/** What one request takes a place for. */
export interface Claim {
  /** Of which kind it is, such as commands to agents; undefined if of none. Kinds are few, and nobody makes them up. */
  readonly kind?: string | undefined;
  /** Who asks: places are shared among askers. */
  readonly asker: string;
  /** What its requests take turns at, such as an aggregate; undefined if nothing. */
  readonly target?: string | undefined;
  readonly bytes: number;
}

/** How much is worked on at a time, and how much waits. */
export interface Limits {
  readonly working: number;
  /** At a time, for one asker, so that others find a place. */
  readonly workingOfOneAsker: number;
  /** At a time, at one target: more would only wait for each other. */
  readonly workingAtOneTarget: number;
  readonly waiting: number;
  readonly waitingOfOneAsker: number;
  readonly waitingAtOneTarget: number;
  /** Bytes of all that is worked on and waits. */
  readonly bytes: number;
  /** The part of these bytes that one asker may have. */
  readonly bytesOfOneAsker: number;
}

interface Waiting<T> {
  readonly item: T;
  readonly claim: Claim;
}

/** Who has had a turn is last among the others, and is not there any more with nothing left. */
const toTheEnd = <K, V>(turns: Map<K, V>, who: K, has: V, left: number): void => {
  turns.delete(who);
  if (left > 0) turns.set(who, has);
};

/** Numbers by name; a name with nothing takes no memory. */
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
 * Requests that wait for a place to be worked on, and how many are worked on. A free place goes to the kinds in turn, of a
 * kind to its askers, and of one asker's requests to its targets, so that nobody waits for what another one has asked for.
 * Without kinds, a newcomer would wait for a turn of each of a thousand agents that register at once. Requests of one asker
 * at one target keep their order.
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

  /** Lets a request wait. Returns false if there is no room: then it does not. */
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

  /** Takes the request whose turn it is, and its place; undefined if none waits that may have one. */
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

  /** Takes all that waits out of the line. */
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
