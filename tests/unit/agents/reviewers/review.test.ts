import { describe, expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import { summaryOf, voteOn } from "../../../../src/agents/reviewers/ballot.ts";
import { rules } from "../../../../src/agents/reviewers/reviewer.ts";
import { review } from "../../../../src/agents/reviewers/rule.ts";
import { topics } from "../../../../src/agents/roster.ts";
import { Vote } from "../../../../src/domain/consensus/ballot.ts";
import { Finding } from "../../../../src/domain/deployment/review.ts";
import { applyChanges } from "../../../../src/domain/graph/changes.ts";
import { GraphChange } from "../../../../src/domain/graph/contract.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { findProblems, hasErrors } from "../../../../src/domain/graph/problems.ts";
import { defined } from "../../../../src/domain/kernel/mod.ts";
import { connectsTo, database, example, host, runsOn, service } from "./graphs.ts";

const examples = ["five-services", "database-cluster", "load-balanced-web", "nats-mesh"];

/** What all reviewers find, as it is after a journey through JSON. */
const findingsIn = (name: string): ReadonlyArray<Finding> => {
  const findings = topics.flatMap((topic) => review(rules[topic], example(name)));
  return Schema.decodeUnknownSync(Schema.Array(Finding))(JSON.parse(JSON.stringify(findings)), {
    onExcessProperty: "error",
  });
};

describe("the shipped examples", () => {
  test.each(examples)("%s: nothing is blocking", (name) => {
    expect(findingsIn(name).filter(({ severity }) => severity === "blocking")).toEqual([]);
  });

  test.each(examples)("%s: every finding names something that is there", (name) => {
    const { nodes } = example(name);
    const ids = new Set(nodes.map(({ id }) => id));
    for (const finding of findingsIn(name)) {
      expect(finding.nodes.length).toBeGreaterThan(0);
      expect(finding.nodes.filter((id) => !ids.has(id))).toEqual([]);
    }
  });

  test("five-services: one connection is to be mended, and none that stays on its host", () => {
    const findings = findingsIn("five-services");
    expect(
      findings.filter(({ changes }) => changes !== undefined).map(({ rule, nodes }) => [rule, nodes]),
    ).toMatchObject([["architecture/unreachable-bus", expect.anything()]]);
  });
});

describe("the changes of all reviewers together", () => {
  const everythingToMend: GraphDocument = {
    id: "g",
    nodes: [
      host("h"),
      host("h2"),
      service("web", { port: 8080 }),
      database("db"),
      { id: "bus", type: "message-bus", engine: "nats", topics: [{ name: "t", retentionHours: 1 }] },
    ],
    edges: [
      runsOn("web", "h"),
      runsOn("bus", "h"),
      runsOn("db", "h2"),
      connectsTo("web", "db"),
      { ...connectsTo("web", "db", { port: 5432 }), id: "again" },
      { ...connectsTo("bus", "db", { port: 5433 }), id: "odd" },
    ],
  };

  test.each([["everything", everythingToMend], ...examples.map((name) => [name, example(name)] as const)] as const)(
    "%s: can be made, mend what they are for, and leave a graph without errors",
    (_, document) => {
      const mendable = topics.flatMap((topic) => review(rules[topic], document)).filter(({ changes }) => changes);
      const changes = mendable.flatMap((finding) =>
        Schema.decodeUnknownSync(Schema.Array(GraphChange))(finding.changes, { onExcessProperty: "error" }),
      );
      const mended = Result.getOrThrow(applyChanges(document, changes));
      expect(findProblems(mended).filter(({ severity }) => severity === "error")).toEqual([]);
      const left = topics.flatMap((topic) => review(rules[topic], mended));
      expect(left.filter((finding) => finding.changes)).toEqual([]);
    },
  );

  test("everything has one of each kind to mend", () => {
    const findings = topics.flatMap((topic) => review(rules[topic], everythingToMend));
    expect(findings.filter((finding) => finding.changes).map(({ rule }) => rule)).toEqual([
      "architecture/no-health-check",
      "security/unencrypted-connection",
      "security/unencrypted-connection",
      "security/unencrypted-connection",
      "security/needless-path",
      "continuity/no-backup",
      "continuity/retention-without-persistence",
    ]);
  });

  test("five-services is still a graph that can be deployed", () => {
    const document = example("five-services");
    const changes = topics
      .flatMap((topic) => review(rules[topic], document))
      .flatMap((finding) => Schema.decodeUnknownSync(Schema.Array(GraphChange))(finding.changes ?? []));
    const mended = Result.getOrThrow(applyChanges(document, changes));
    expect(hasErrors(findProblems(mended))).toBe(false);
  });
});

test("a rule belongs to one reviewer, and is called after it", () => {
  const all = topics.flatMap((topic) => rules[topic]);
  expect(new Set(all).size).toBe(all.length);
  for (const name of examples)
    for (const topic of topics)
      for (const { rule } of review(rules[topic], example(name))) expect(rule.startsWith(`${topic}/`)).toBe(true);
});

describe("a vote", () => {
  const finding = (severity: Finding["severity"], changes?: Finding["changes"]): Finding => ({
    rule: `x/${severity}`,
    severity,
    nodes: ["a"],
    edges: [],
    message: `this is ${severity}`,
    ...defined({ changes }),
  });
  const mendable = finding("warning", [{ type: "update-node", id: "a", changes: { port: 1 } }]);

  test("rejects what is blocking, whatever could be mended besides, and says why", () => {
    expect(voteOn([mendable, finding("blocking")])).toEqual({
      choice: "reject",
      reason: "x/blocking: this is blocking",
    });
  });
  test("approves what can be mended on condition that it is", () => {
    expect(voteOn([finding("note"), mendable])).toEqual({
      choice: "approve",
      conditions: [{ text: "this is warning", changes: mendable.changes }],
    });
  });
  test("approves what blocks on condition that it is mended, if it can be", () => {
    const blocking = finding("blocking", mendable.changes);
    expect(voteOn([blocking])).toEqual({
      choice: "approve",
      conditions: [{ text: "this is blocking", changes: mendable.changes }],
    });
  });
  test("approves the rest", () => {
    expect(voteOn([])).toEqual({ choice: "approve" });
  });

  test("abstains if hosts of other graphs are taken, and still rejects what blocks, or asks for what can be mended", () => {
    const taken = [{ host: "web-1", graph: "shop", as: "front" }];
    const reason = "a person has to say whether graph `shop` gives up host `front`";
    expect(voteOn([finding("note")], taken)).toEqual({ choice: "abstain", reason });
    expect(voteOn([finding("blocking")], taken).choice).toBe("reject");
    expect(voteOn([mendable], taken)).toMatchObject({ choice: "approve", conditions: [expect.anything()] });
    expect(voteOn([finding("warning"), finding("note", mendable.changes)])).toEqual({ choice: "approve" });
  });
  test.each(examples)("on %s fits the contract", (name) => {
    for (const topic of topics)
      Schema.decodeUnknownSync(Vote)(JSON.parse(JSON.stringify(voteOn(review(rules[topic], example(name))))), {
        onExcessProperty: "error",
      });
  });
  test("has a summary", () => {
    expect(summaryOf("security", [])).toBe("security: nothing to object");
    expect(summaryOf("security", [finding("note"), mendable, finding("blocking")])).toBe(
      "security: 1 blocking, 1 to mend, 1 to know: this is blocking",
    );
  });
});
