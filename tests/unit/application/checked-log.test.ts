import { describe, expect, test } from "@jest/globals";
import { Context, Effect, Fiber, Layer, type Result, Stream } from "effect";
import fc from "fast-check";
import { aggregateOf } from "../../../src/application/aggregate.ts";
import { CheckedLog } from "../../../src/application/checked-log.ts";
import type { CommandError } from "../../../src/application/command-error.ts";
import type { MaintainedView } from "../../../src/application/live-view.ts";
import { verify } from "../../../src/application/operations/verify/mod.ts";
import { EventStore, Leases, type NewCommit } from "../../../src/application/ports/mod.ts";
import { type ProcessManager, runProcessManager } from "../../../src/application/process-manager.ts";
import { ReadModels } from "../../../src/application/read-models.ts";
import { leasesOfUnderstanding, standByLayer } from "../../../src/application/stand-by.ts";
import { MemoryLog } from "../../../src/infrastructure/memory/event-store.ts";
import { counter } from "../../support/counter.ts";
import { fitting } from "../../support/memory.ts";
import { commitsOf, counters, give, inBackend, increase, onLeaf, settle } from "./memory-leaf.ts";

const subjectOf = (id: string) => `cim.evt.counter.${id}`;

/** What others write after the last commit of a counter. */
type Forge = (last: NewCommit | undefined, id: string) => NewCommit;

const forged: Forge = (last, id) =>
  fitting(
    {
      aggregate: "counter",
      id,
      firstVersion: 1,
      command: "increase",
      commandId: "mallory-1",
      actor: "mallory",
      time: last?.time ?? "2026-01-01T00:00:00.000Z",
      correlationId: "x",
      events: [{ type: "increased", schemaVersion: 2, data: { by: 1_000 }, cid: "" }],
    },
    last,
  );

const without = ({ seal: _, ...commit }: NewCommit): NewCommit => commit;

/** Everything that can lie on the subject of a counter and does not fit there, by what the check says of it. */
const misfits: Readonly<Record<string, (last: NewCommit | undefined, id: string) => Uint8Array | string>> = {
  "it is empty": () => "",
  "it is not JSON in UTF-8": () => "{not json",
  "it is not JSON in UTF-8 ": () => new Uint8Array([0xff, 0xfe, 0x00, 0x80]),
  "it is JSON that is not a commit": () => "{}",
  "it says that it is of counter other": (last) => JSON.stringify(forged(last, "other")),
  "its first event is number": (last, id) => JSON.stringify({ ...forged(last, id), firstVersion: 99 }),
  "it says it follows": (last, id) => JSON.stringify({ ...forged(last, id), previousCid: "sha256-lie" }),
  "its time zzz is not a moment": (last, id) => JSON.stringify({ ...forged(last, id), time: "zzz" }),
  "who, when or why of it is not what its seal says": (last, id) =>
    JSON.stringify({ ...forged(last, id), actor: "ada" }),
  "it has no seal": (last, id) =>
    JSON.stringify(last === undefined ? { ...forged(last, id), firstVersion: 2 } : without(forged(last, id))),
};

/** What can lie elsewhere in the log. */
const elsewhere: ReadonlyArray<readonly [subject: string, text: string]> = [
  ["cim.evt.hello", "hi"],
  ["cim.evt.martian.m1", "{}"],
  ["cim.evt.martian.m1", JSON.stringify({ ...without(forged(undefined, "m1")), aggregate: "martian" })],
  ["cim.evt.counter.a.b", JSON.stringify(forged(undefined, "a"))],
];

const lastOf = (id: string) =>
  Effect.map(
    Effect.catch(
      Effect.flatMap(EventStore, (store) => store.read("counter", id)),
      (error) => Effect.succeed(error._tag === "LogDamaged" ? error.before : []),
    ),
    (commits) => {
      const last = commits.at(-1);
      if (last === undefined) return undefined;
      const { position: _, ...commit } = last;
      return commit;
    },
  );

const misfitOn = Effect.fnUntraced(function* (log: MemoryLog, id: string, problem: string) {
  return log.put(subjectOf(id), misfits[problem]?.(yield* lastOf(id), id) ?? "");
});

/** What each counter has come to. */
const totals: MaintainedView = {
  name: "totals",
  version: 1,
  keyOf: (_, id) => id,
  apply: (get, commit) => {
    const [{ id = "", position = 0 } = {}] = commit;
    const before = (get(id) as { readonly total: number } | undefined)?.total ?? 0;
    const by = (data: unknown) => (data as { readonly by?: number }).by ?? 0;
    return [[id, { total: commit.reduce((sum, { data }) => sum + by(data), before), position }]];
  },
};

/** Adds to the counter `sum` whatever `a` and `b` grew by. */
const sums: ProcessManager<number> = {
  name: "sums",
  aggregates: ["counter"],
  initial: 0,
  evolve: (state) => state,
  react: (_, { id, type, data }) =>
    ["a", "b"].includes(id) && type === "increased"
      ? [
          {
            kind: "command",
            step: "add",
            aggregate: "counter",
            id: "sum",
            command: "increase",
            payload: { by: (data as { readonly by: number }).by },
          },
        ]
      : [],
};

const start = inBackend(
  Effect.gen(function* () {
    const context = yield* Layer.build(ReadModels.layer([totals], counters));
    yield* Effect.forkScoped(runProcessManager(sums, counters));
    return Context.get(context, ReadModels);
  }),
);

const failureOf = <A>(result: Result.Result<A, CommandError>) =>
  result._tag === "Failure" ? result.failure : undefined;

const totalsIn = (documents: ReadonlyMap<string, unknown>) =>
  Object.fromEntries(
    [...documents].map(([id, document]) => [id, (document as { readonly total: number }).total] as const),
  );

describe("what does not fit in the history of an aggregate", () => {
  test.each(Object.keys(misfits))("makes it read-only, and nothing else: %s", (problem) => {
    const log = new MemoryLog();
    return onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const { running } = yield* start;
        yield* increase("victim", 3);
        yield* increase("a", 1);
        const position = yield* misfitOn(log, "victim", problem);
        const found = { position, problem: expect.stringContaining(problem.trim()) };

        const refused = failureOf(yield* Effect.result(give("counter", "victim", "increase", { by: 1 })));
        expect(refused).toMatchObject({ code: "unavailable", details: { reason: "damaged", ...found } });
        expect(refused?.message).toContain(`can only be read, because position ${position} of the log`);
        expect(refused?.message).toContain("restore the log from a backup, or continue under another id");

        yield* increase("a", 5);
        yield* settle;
        const documents = yield* running.upToDate("totals");
        expect(totalsIn(documents)).toEqual({ sum: 6, victim: 3, a: 6 });
        expect(documents.get("victim")).toMatchObject({ damaged: found });
        const { condition } = yield* CheckedLog;
        expect(condition.passed).toBe(1);
        expect(condition.problems).toMatchObject([{ ...found, aggregate: "counter", id: "victim" }]);
        const store = yield* EventStore;
        const audited = yield* verify(store.readAll(0), { seen: [] });
        expect(audited.ok).toBe(false);
        expect(audited.findings.map((finding) => finding.position)).toContain(position);
      }),
      counters,
      log,
    );
  });

  test("is found by the command also if its seal fits and its content does not", () => {
    const log = new MemoryLog();
    return onLeaf(
      Effect.gen(function* () {
        yield* increase("victim", 3);
        const commit = forged(yield* lastOf("victim"), "victim");
        const events = [{ ...commit.events[0], data: { by: 9 } }] as const;
        log.put(subjectOf("victim"), JSON.stringify({ ...commit, events }));
        const refused = failureOf(yield* Effect.result(give("counter", "victim", "increase", { by: 1 })));
        expect(refused?.details).toMatchObject({ reason: "damaged", problem: expect.stringContaining("content id") });
      }),
      counters,
      log,
    );
  });
});

test("any rubbish among good commits changes nothing for the good ones, also after a restart", async () => {
  const good = fc.record({ id: fc.constantFrom("a", "b"), by: fc.integer({ min: 1, max: 9 }) });
  const bad = fc.oneof(
    fc.record({ victim: fc.constantFrom("x", "y"), problem: fc.constantFrom(...Object.keys(misfits)) }),
    fc.record({ elsewhere: fc.nat(elsewhere.length - 1) }),
    fc.record({ more: fc.constantFrom("x", "y") }),
  );
  const script = fc.array(fc.oneof(good, bad), { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(script, fc.nat(25), (steps, restartAt) => {
      const log = new MemoryLog();
      const expected: Record<string, number> = { sum: 0 };
      const broken = new Set<string>();
      return onLeaf(
        Effect.gen(function* () {
          yield* give("counter", "sum", "open");
          let backend = yield* start;
          for (const [index, step] of steps.entries()) {
            if (index === restartAt) {
              yield* settle;
              yield* backend.kill;
              backend = yield* start;
            }
            if ("by" in step) {
              yield* increase(step.id, step.by);
              expected[step.id] = (expected[step.id] ?? 0) + step.by;
              expected.sum = (expected.sum ?? 0) + step.by;
            } else if ("problem" in step) {
              yield* misfitOn(log, step.victim, step.problem);
              broken.add(step.victim);
            } else if ("more" in step) {
              const outcome = yield* Effect.result(increase(step.more, 1));
              expect(failureOf(outcome)?.code).toBe(broken.has(step.more) ? "unavailable" : undefined);
              if (!broken.has(step.more)) expected[step.more] = (expected[step.more] ?? 0) + 1;
            } else {
              const [subject = "", text = ""] = elsewhere[step.elsewhere] ?? [];
              log.put(subject, text);
            }
          }
          yield* settle;
          yield* settle;
          expect(totalsIn(yield* backend.running.upToDate("totals"))).toEqual(expected);
        }),
        counters,
        log,
      );
    }),
    { numRuns: 40 },
  );
});

describe("what only a newer backend understands", () => {
  const newer: Readonly<Record<string, (commit: NewCommit) => NewCommit>> = {
    "an event": (commit) => ({ ...commit, events: [{ ...commit.events[0], type: "teleported" }] }),
    "a schema version": (commit) => ({ ...commit, events: [{ ...commit.events[0], schemaVersion: 9 }] }),
    "an aggregate": (commit) => ({ ...commit, aggregate: "martian", id: "m" }),
  };

  test.each(Object.keys(newer))("makes the backend stand by: %s", (what) => {
    const log = new MemoryLog();
    return onLeaf(
      Effect.gen(function* () {
        yield* give("counter", "sum", "open");
        const leases = Context.get(yield* Layer.build(Layer.provide(leasesOfUnderstanding, standByLayer)), Leases);
        const { running } = yield* start;
        const leading: Array<string> = [];
        const note = (said: string) => Effect.sync(() => void leading.push(said));
        yield* Effect.forkScoped(
          leases.whileHeld("test", Effect.ensuring(Effect.andThen(note("leads"), Effect.never), note("gave it back"))),
        );
        yield* increase("a", 1);
        yield* settle;
        const last = what === "an aggregate" ? undefined : yield* lastOf("a");
        const commit = fitting(newer[what]?.(forged(last, "a")) ?? forged(last, "a"), last);
        const position = log.put(`cim.evt.${commit.aggregate}.${commit.id}`, JSON.stringify(commit));
        yield* settle;
        const message = expect.stringContaining(`the log has events of a newer version, first at position ${position}`);
        const refusal = { code: "unavailable", message };
        expect(failureOf(yield* Effect.result(give("counter", "b", "open")))).toMatchObject(refusal);
        expect(failureOf(yield* Effect.result(running.documents("totals")))).toMatchObject(refusal);
        expect((yield* CheckedLog).condition.stop).toMatchObject({ kind: "newer", position });
        expect(leading).toEqual(["leads", "gave it back"]);
      }),
      counters,
      log,
    );
  });

  test("is taken for foreign if it does not fit in every respect: one message cannot stop a backend", () => {
    const log = new MemoryLog();
    return onLeaf(
      Effect.gen(function* () {
        yield* increase("a", 1);
        const commit = forged(yield* lastOf("a"), "a");
        const strange = { ...commit, events: [{ ...commit.events[0], type: "teleported" }] };
        log.put(subjectOf("a"), JSON.stringify(strange));
        log.put("cim.evt.martian.m", JSON.stringify({ ...without(forged(undefined, "m")), aggregate: "martian" }));
        yield* increase("b", 1);
        yield* settle;
        const { condition } = yield* CheckedLog;
        expect(condition.stop).toBeUndefined();
        expect(condition.problems.map(({ kind }) => kind)).toEqual(["damaged", "foreign"]);
      }),
      counters,
      log,
    );
  });
});

test("a follower gets no commit before it is checked, and hears of the damage at its place", () => {
  const log = new MemoryLog();
  return onLeaf(
    Effect.gen(function* () {
      yield* increase("a", 1);
      yield* misfitOn(log, "a", "it is empty");
      log.put("cim.evt.hello", "hi");
      yield* increase("b", 1);
      const { follow } = yield* CheckedLog;
      const reading = yield* Effect.forkChild(
        follow(0).pipe(
          Stream.takeUntil(({ kind }) => kind === "caught-up"),
          Stream.runCollect,
        ),
      );
      const items = yield* Fiber.join(reading);
      const told = items.map((item) => (item.kind === "commit" ? item.commit.id : item.kind));
      expect(told).toEqual(["a", "a", "damaged", "passed", "b", "b", "caught-up"]);
    }),
    [aggregateOf(counter, () => Effect.succeed({ limit: 1_000 }))],
    log,
  );
});

test("the commits of an aggregate before its damage are there for those who ask for the past", () => {
  const log = new MemoryLog();
  return onLeaf(
    Effect.gen(function* () {
      yield* increase("a", 1);
      yield* misfitOn(log, "a", "it is empty");
      const store = yield* EventStore;
      const damaged = yield* Effect.flip(store.read("counter", "a"));
      expect(damaged).toMatchObject({ _tag: "LogDamaged", position: 3, problem: "it is empty" });
      expect(damaged._tag === "LogDamaged" && damaged.before).toHaveLength(2);
      expect(yield* commitsOf("b")).toEqual([]);
    }),
    counters,
    log,
  );
});
