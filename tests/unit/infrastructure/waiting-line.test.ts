import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Claim, type Limits, WaitingLine } from "../../../src/infrastructure/waiting-line.ts";

const limits: Limits = {
  working: 4,
  workingOfOneAsker: 2,
  workingAtOneTarget: 1,
  waiting: 12,
  waitingOfOneAsker: 6,
  waitingAtOneTarget: 5,
  bytes: 100,
  bytesOfOneAsker: 60,
};

const claim = (asker: string, target?: string, bytes = 1): Claim => ({ asker, target, bytes });

/** Takes all that may be worked on now. */
const takeAll = (line: WaitingLine<string>): ReadonlyArray<string> => {
  const taken = [];
  for (let next = line.next(); next !== undefined; next = line.next()) taken.push(next.item);
  return taken;
};

describe("a free place", () => {
  test("goes to the askers in turn", () => {
    const line = new WaitingLine<string>({ ...limits, workingOfOneAsker: 4 });
    for (const item of ["a1", "a2", "a3"]) line.add(item, claim("a"));
    line.add("b1", claim("b"));
    expect(takeAll(line)).toEqual(["a1", "b1", "a2", "a3"]);
  });

  test("goes to the kinds in turn, and of a kind to its askers", () => {
    const line = new WaitingLine<string>(limits);
    for (const asker of ["a", "b", "c"]) line.add(`${asker} registers`, { ...claim(asker), kind: "agent" });
    line.add("d changes a graph", { ...claim("d"), kind: "graph" });
    expect(takeAll(line)).toEqual(["a registers", "d changes a graph", "b registers", "c registers"]);
  });

  test("goes to one asker's targets in turn", () => {
    const line = new WaitingLine<string>({ ...limits, workingOfOneAsker: 4, workingAtOneTarget: 2 });
    for (const item of ["x1", "x2"]) line.add(item, claim("a", "x"));
    line.add("y1", claim("a", "y"));
    expect(takeAll(line)).toEqual(["x1", "y1", "x2"]);
  });

  test("is not taken by more at one target than that works on", () => {
    const line = new WaitingLine<string>(limits);
    for (const asker of ["a", "b", "c"]) line.add(asker, claim(asker, "x"));
    line.add("d", claim("d", "y"));
    expect(takeAll(line)).toEqual(["a", "d"]);
    line.done(claim("a", "x"));
    expect(takeAll(line)).toEqual(["b"]);
  });
});

describe("no room", () => {
  const fill = (line: WaitingLine<string>, number: number, of: Claim) =>
    Array.from({ length: number }, (_, index) => line.add(`${index}`, of)).filter((added) => added).length;

  test("for more at one target, more of one asker, more bytes of one asker, and more in all", () => {
    expect(fill(new WaitingLine(limits), 9, claim("a", "x"))).toBe(5);
    expect(fill(new WaitingLine(limits), 9, claim("a"))).toBe(6);
    expect(fill(new WaitingLine(limits), 9, claim("a", "x", 20))).toBe(3);
    const line = new WaitingLine<string>(limits);
    expect(["a", "b", "c"].map((asker) => fill(line, 6, claim(asker)))).toEqual([6, 6, 0]);
    const heavy = new WaitingLine<string>(limits);
    expect(["a", "b", "c"].map((asker) => fill(heavy, 1, claim(asker, undefined, 45)))).toEqual([1, 1, 0]);
  });

  test("until what had the place is done", () => {
    const line = new WaitingLine<string>(limits);
    fill(line, 9, claim("a", "x", 20));
    const taken = line.next();
    expect(line.add("more", claim("a", "x", 20))).toBe(false);
    if (taken !== undefined) line.done(taken.claim);
    expect(line.add("more", claim("a", "x", 20))).toBe(true);
  });
});

test("whatever comes, ends and is cleared: limits hold, nothing is lost or doubled, and each asker's order at a target stays", () => {
  const step = fc.oneof(
    fc.record({
      is: fc.constant("add" as const),
      kind: fc.constantFrom("agent", "graph", undefined),
      asker: fc.constantFrom("a", "b", "c"),
      target: fc.constantFrom("x", "y", undefined),
      bytes: fc.nat(15),
    }),
    fc.record({ is: fc.constant("done" as const), which: fc.nat() }),
    fc.record({ is: fc.constant("next" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      const line = new WaitingLine<{ readonly number: number; readonly claim: Claim }>(limits);
      const added: Array<number> = [];
      const working: Array<{ readonly number: number; readonly claim: Claim }> = [];
      const begun: typeof working = [];
      steps.forEach((given, number) => {
        if (given.is === "add") {
          const wanted = { ...claim(given.asker, given.target, given.bytes), kind: given.kind };
          if (line.add({ number, claim: wanted }, wanted)) added.push(number);
        } else if (given.is === "done") {
          const [ended] = working.splice(given.which % Math.max(1, working.length), 1);
          if (ended !== undefined) line.done(ended.claim);
        } else {
          const taken = line.next();
          if (taken !== undefined) for (const list of [working, begun]) list.push(taken.item);
        }
        const count = (fits: (of: Claim) => boolean) => working.filter((item) => fits(item.claim)).length;
        expect(working.length).toBeLessThanOrEqual(limits.working);
        for (const asker of ["a", "b", "c"])
          expect(count((of) => of.asker === asker)).toBeLessThanOrEqual(limits.workingOfOneAsker);
        for (const target of ["x", "y"])
          expect(count((of) => of.target === target)).toBeLessThanOrEqual(limits.workingAtOneTarget);
      });
      const left = line.clear().map(({ number }) => number);
      expect([...begun.map(({ number }) => number), ...left].sort((a, b) => a - b)).toEqual(added);
      const lines = new Map<string, number>();
      for (const { number, claim: of } of begun) {
        const key = `${of.kind} ${of.asker} ${of.target}`;
        expect(number).toBeGreaterThan(lines.get(key) ?? -1);
        lines.set(key, number);
      }
      expect(line.next()).toBeUndefined();
    }),
  );
});
