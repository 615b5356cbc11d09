import type { Finding } from "../../domain/deployment/review.ts";
import { changeText } from "../../domain/graph/change-text.ts";
import type { Problem } from "../../domain/graph/problem.ts";
import { type Draft, edgeKey, elementsOf, type Key, nodeKey } from "./draft.ts";
import { type Remedy, remedyOf } from "./remedies.ts";

/** What is wrong with a draft, or could be better. */
export interface Issue {
  readonly key: string;
  readonly severity: "blocking" | "error" | "warning" | "note";
  /** The nodes and edges that it is about, as far as they are there. */
  readonly about: ReadonlyArray<Key>;
  readonly message: string;
  readonly remedy: Remedy | undefined;
}

/** A finding, and the reviewer whose rule found it. */
export type Reviewed = Finding & { readonly reviewer: string };

const rank = { error: 0, blocking: 1, warning: 2, note: 3 } as const;

const aboutOf = (draft: Draft, { nodes, edges }: Pick<Problem, "nodes" | "edges">): ReadonlyArray<Key> => {
  const elements = elementsOf(draft);
  return [...edges.map(edgeKey), ...nodes.map(nodeKey)].filter((key) => elements.has(key));
};

/**
 * Returns the problems of validation and the findings of reviewers as one list, what is worst first. What both say is said
 * once, with the remedy of the reviewer.
 */
export const issuesOf = (
  draft: Draft,
  problems: ReadonlyArray<Problem>,
  findings: ReadonlyArray<Reviewed>,
): ReadonlyArray<Issue> => {
  const offered = new Map(findings.map((finding) => [finding.message, finding]));
  const said = new Set(problems.map(({ message }) => message));
  const remedyFrom = ({ changes = [] }: Pick<Finding, "changes">): Remedy | undefined =>
    changes.length === 0 ? undefined : { text: changes.map((change) => changeText(change)).join("; "), changes };
  const all = [
    ...problems.map((problem): Issue => {
      const { severity, code, message } = problem;
      const offer = offered.get(message);
      return {
        key: `${code} ${message}`,
        severity,
        about: aboutOf(draft, problem),
        message,
        remedy: (offer && remedyFrom(offer)) ?? remedyOf(draft, problem),
      };
    }),
    ...findings
      .filter(({ message }) => !said.has(message))
      .map((finding): Issue => {
        const { severity, rule, message } = finding;
        return {
          key: `${rule} ${message}`,
          severity,
          about: aboutOf(draft, finding),
          message,
          remedy: remedyFrom(finding),
        };
      }),
  ];
  return all.toSorted((one, other) => rank[one.severity] - rank[other.severity]);
};

/** The issues of each node and edge, the worst first. */
export const issuesByKey = (issues: ReadonlyArray<Issue>): ReadonlyMap<Key, ReadonlyArray<Issue>> => {
  const byKey = new Map<Key, Array<Issue>>();
  for (const issue of issues)
    for (const key of issue.about) {
      const known = byKey.get(key);
      if (known === undefined) byKey.set(key, [issue]);
      else known.push(issue);
    }
  return byKey;
};
