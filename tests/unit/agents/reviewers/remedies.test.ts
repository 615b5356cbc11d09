import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import { withRemediesThatApply } from "../../../../src/agents/reviewers/remedies.ts";
import { review } from "../../../../src/agents/reviewers/rule.ts";
import { unencryptedConnection } from "../../../../src/agents/reviewers/security.ts";
import type { Finding } from "../../../../src/domain/deployment/review.ts";
import { applyChanges } from "../../../../src/domain/graph/changes.ts";
import type { GraphChange } from "../../../../src/domain/graph/contract.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { findProblems, hasErrors } from "../../../../src/domain/graph/problems.ts";
import { connectsTo, database, host, runsOn, service } from "./graphs.ts";

/** A Redis with a standby on another host: once it speaks TLS it takes port 16379 too, and another service has that. */
const crowded = (...more: ReadonlyArray<string>): GraphDocument => ({
  id: "g",
  nodes: [
    host("h1"),
    host("h2"),
    database("cache", { engine: "redis", port: 6379 }),
    database("spare", { engine: "redis", port: 6379 }),
    database("db"),
    service("api"),
    service("odd", { port: 16_379 }),
    ...more.map((id) => service(id)),
  ],
  edges: [
    ...["cache", "odd"].map((id) => runsOn(id, "h1")),
    ...["spare", "api", "db", ...more].map((id) => runsOn(id, "h2")),
    { from: "spare", to: "cache", type: "replicates" },
    ...["api", ...more].map((id) => connectsTo(id, "cache")),
    connectsTo("odd", "db"),
  ],
});

const mended = (document: GraphDocument, findings: ReadonlyArray<Finding>) =>
  Result.getOrThrow(
    applyChanges(
      document,
      findings.flatMap(({ changes = [] }) => changes),
    ),
  );

describe("a remedy", () => {
  test("that leaves an invalid graph is not offered, and the finding says why; others of the same nodes are", () => {
    const document = crowded();
    expect(hasErrors(findProblems(document))).toBe(false);
    const findings = review([unencryptedConnection], document);
    expect(findings).toMatchObject([
      { nodes: ["api", "cache"], severity: "warning" },
      { nodes: ["odd", "db"], changes: [{}, {}] },
    ]);
    expect(findings[0]).not.toHaveProperty("changes");
    expect(findings[0]?.message).toBe(
      "`api` talks to the database `cache` unencrypted: set `encrypted`; but this stands in the way: node `odd`: " +
        "port 16379 is already taken on host `h1` by `cache` (its port for standbys): choose another port or host",
    );
    expect(hasErrors(findProblems(mended(document, findings)))).toBe(false);
  });

  test("is not offered by any of many that share the obstacle", () => {
    const clients = Array.from({ length: 30 }, (_, index) => `client-${index}`);
    const document = crowded(...clients);
    const findings = review([unencryptedConnection], document);
    expect(findings.length).toBe(32);
    for (const { nodes, changes, message } of findings.filter(({ nodes: [from] }) => clients.includes(from ?? ""))) {
      expect({ nodes, changes }).toEqual({ nodes: [nodes[0], "cache"], changes: undefined });
      expect(message).toContain("port 16379 is already taken on host `h1`");
    }
    expect(hasErrors(findProblems(mended(document, findings)))).toBe(false);
  });

  const finding = (id: string, changes: ReadonlyArray<GraphChange>): Finding => ({
    rule: "x/y",
    severity: "warning",
    nodes: [id],
    edges: [],
    message: `mend ${id}`,
    changes,
  });
  const small: GraphDocument = { id: "g", nodes: [service("a"), service("b")], edges: [connectsTo("a", "b")] };

  test("that contradicts one before it is not offered", () => {
    const removed = finding("a", [{ type: "disconnect", id: "a/connects-to/b" }]);
    expect(withRemediesThatApply(small, [removed, { ...removed, nodes: ["b"] }])).toEqual([
      removed,
      {
        rule: "x/y",
        severity: "warning",
        nodes: ["b"],
        edges: [],
        message: "mend a; but this stands in the way: there is no edge `a/connects-to/b`: correct the id",
      },
    ]);
  });

  test("is not held against the errors that the graph had before", () => {
    expect(hasErrors(findProblems(small))).toBe(true);
    const findings = [finding("a", [{ type: "update-node", id: "a", changes: { port: 80 } }])];
    expect(withRemediesThatApply(small, findings)).toEqual(findings);
  });

  test("that breaks something it does not name is not offered either", () => {
    const unnamed = finding("a", [{ type: "connect", edge: { from: "b", to: "b", type: "depends-on" } }]);
    const [found] = withRemediesThatApply(small, [unnamed]);
    expect(found).not.toHaveProperty("changes");
    expect(found?.message).toMatch(/^mend a; but this stands in the way: .*`b`/);
  });
});
