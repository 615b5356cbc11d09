import fc from "fast-check";
import type { Entry } from "../../../../src/domain/knowledge/record.ts";
import { evidence, fact, minute, record, retraction, revocation } from "./fixtures.ts";

const author = fc.constantFrom("ada", "bob", "cyd", "dan");
const at = fc.integer({ min: 0, max: 99 });
const subject = fc.constantFrom("web", "db", "leaf-1");
const predicate = fc.constantFrom("runs-on", "status", "owner");
const object = fc.oneof(fc.constantFrom("leaf-1", "leaf-2", "up"), fc.boolean(), fc.integer({ min: 0, max: 3 }));

const aFact = fc
  .tuple(subject, predicate, object, author, at, fc.constantFrom(0, 0.5, 1))
  .map(([s, p, o, by, time, confidence]) => fact(s, p, o, { author: by, stamp: minute(time), confidence }));

/**
 * Facts, and what is said about them: by anybody, at any time, also twice and about their own; and revocations of some of
 * both, also twice.
 */
export const anyEntries: fc.Arbitrary<ReadonlyArray<Entry>> = fc
  .array(aFact, { minLength: 1, maxLength: 12 })
  .chain((facts) => {
    const one = fc.constantFrom(...facts);
    const about = fc.oneof(
      fc
        .tuple(one, author, fc.constantFrom("support", "dispute"), fc.constantFrom("a", "b"), at)
        .map(([of, by, verdict, name, time]) =>
          evidence(of, by, verdict === "support" ? "support" : "dispute", name, time),
        ),
      fc.tuple(one, author, at).map(([of, by, time]) => retraction(of, by, time)),
      fc
        .tuple(subject, predicate, object, author, fc.constantFrom(0, 0.3, 1), at)
        .map(([s, p, o, by, degree, time]) =>
          record({ kind: "belief", subject: s, predicate: p, object: o, degree, author: by, stamp: minute(time) }),
        ),
      fc.tuple(one, at).map(([{ id, record: of }, time]) =>
        record({
          kind: "settlement",
          ...(of.kind === "fact" ? { subject: of.subject, predicate: of.predicate } : { subject: "x", predicate: "y" }),
          fact: id,
          proposal: `p${time}`,
          author: "knowledge-votes",
          stamp: minute(time),
        }),
      ),
    );
    return fc.array(about, { maxLength: 30 }).map((rest) => [...facts, ...rest]);
  })
  .chain((entries) =>
    fc
      .array(fc.tuple(fc.subarray(entries), at, fc.constantFrom("copied", "lost")), { maxLength: 3 })
      .map((all) => [
        ...entries,
        ...all.flatMap(([[first, ...rest], time, reason]) =>
          first === undefined ? [] : [revocation([first, ...rest], time, reason)],
        ),
      ]),
  );
