import { architectureRules } from "../../../agents/reviewers/architecture.ts";
import { capacityRules } from "../../../agents/reviewers/capacity.ts";
import { continuityRules } from "../../../agents/reviewers/continuity.ts";
import { review } from "../../../agents/reviewers/rule.ts";
import { securityRules } from "../../../agents/reviewers/security.ts";
import { outlookOf, prospectsOf } from "../../../domain/consensus/outlook.ts";
import type { Finding } from "../../../domain/deployment/review.ts";
import { diff } from "../../../domain/graph/changes.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { findProblems, hasErrors } from "../../../domain/graph/problems.ts";

const topics = {
  architecture: architectureRules,
  security: securityRules,
  capacity: capacityRules,
  continuity: continuityRules,
} as const;

type Reviewed = Finding & { readonly reviewer: keyof typeof topics };

/** What would be found in a graph by each reviewer; nothing in one that is broken, because it would not be reviewed. */
const findings = (document: GraphDocument): ReadonlyArray<Reviewed> => {
  if (hasErrors(findProblems(document))) return [];
  return (Object.keys(topics) as ReadonlyArray<keyof typeof topics>).flatMap((reviewer) =>
    review(topics[reviewer], document).map((finding) => ({ reviewer, ...finding })),
  );
};

/**
 * What of the domain runs in the worker: the very code of the backend. Each is pure, and takes and returns plain data. A
 * page that needs more of the domain adds a line here.
 */
const functions = { validate: findProblems, diff, findings, prospects: prospectsOf, outlook: outlookOf };

/** The functions that {@link useDomain} knows, by name. */
export type DomainFunctions = typeof functions;

addEventListener(
  "message",
  ({ data }: MessageEvent<{ readonly id: number; readonly name: string; readonly given: [] }>) => {
    const { id, name, given } = data;
    try {
      const work = functions[name as keyof DomainFunctions] as (...given: ReadonlyArray<unknown>) => unknown;
      postMessage({ id, value: work(...given) });
    } catch (error) {
      postMessage({ id, failure: error instanceof Error ? error.message : String(error) });
    }
  },
);
