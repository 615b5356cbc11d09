import { describe, expect, test } from "@jest/globals";
import { Result } from "effect";
import fc from "fast-check";
import { rules } from "../../../../src/agents/reviewers/reviewer.ts";
import { review } from "../../../../src/agents/reviewers/rule.ts";
import { topics } from "../../../../src/agents/roster.ts";
import type { Finding } from "../../../../src/domain/deployment/review.ts";
import { canonicalGraph } from "../../../../src/domain/graph/canonical.ts";
import { applyChanges } from "../../../../src/domain/graph/changes.ts";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { indexOf } from "../../../../src/domain/graph/graph-index.ts";
import { findProblems, hasErrors } from "../../../../src/domain/graph/problems.ts";
import { anyDeployableGraph } from "../../../support/any-graph.ts";

const reviewsOf = (document: GraphDocument): ReadonlyArray<Finding> =>
  topics.flatMap((topic) => review(rules[topic], document));

const after = (document: GraphDocument, findings: ReadonlyArray<Finding>): GraphDocument =>
  Result.getOrThrow(
    applyChanges(
      document,
      findings.flatMap(({ changes = [] }) => changes),
    ),
  );

const isOffered = ({ changes }: Finding): boolean => changes !== undefined;
const keyOf = ({ rule, nodes, edges }: Finding): string => JSON.stringify([rule, nodes, edges]);
const runs = { numRuns: 100 };

describe("in any graph that can be deployed", () => {
  test("a remedy leaves the graph valid, has an effect, and takes away the finding that offers it", () => {
    fc.assert(
      fc.property(anyDeployableGraph, (document) => {
        for (const finding of reviewsOf(document).filter(isOffered)) {
          const mended = after(document, [finding]);
          expect(hasErrors(findProblems(mended))).toBe(false);
          expect(canonicalGraph(mended)).not.toBe(canonicalGraph(document));
          expect(reviewsOf(mended).map(keyOf)).not.toContain(keyOf(finding));
        }
      }),
      runs,
    );
  });

  test("all remedies together leave nothing that blocks and could be mended", () => {
    fc.assert(
      fc.property(anyDeployableGraph, (document) => {
        const offered = reviewsOf(document).filter(isOffered);
        const mended = after(document, offered);
        expect(hasErrors(findProblems(mended))).toBe(false);
        const known = new Set(
          reviewsOf(document)
            .filter((finding) => !isOffered(finding))
            .map(keyOf),
        );
        const blocking = reviewsOf(mended).filter(({ severity }) => severity === "blocking");
        expect(blocking.map(keyOf).filter((key) => !known.has(key))).toEqual([]);
      }),
      runs,
    );
  });

  test("unencrypted talk that never leaves its host is no finding", () => {
    fc.assert(
      fc.property(anyDeployableGraph, (document) => {
        const graph = indexOf(document);
        const hostsOf = (id: string): ReadonlyArray<string> => graph.hostsOf(id).map((host) => host.id);
        for (const { rule, nodes } of reviewsOf(document))
          if (rule === "security/unencrypted-connection")
            expect(new Set(nodes.flatMap(hostsOf)).size).toBeGreaterThan(1);
      }),
      runs,
    );
  });
});
