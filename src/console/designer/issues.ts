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

/** An issue whose remedy is not looked for yet. */
type Found = Omit<Issue, "remedy"> & { readonly remedy: () => Remedy | undefined };

/**
 * Returns the problems of validation and the findings of reviewers as one list, what is worst first. What both say is said
 * once, with the remedy of the reviewer.
 */
const foundIn = (
  draft: Draft,
  problems: ReadonlyArray<Problem>,
  findings: ReadonlyArray<Reviewed>,
): ReadonlyArray<Found> => {
  const offered = new Map(findings.map((finding) => [finding.message, finding]));
  const said = new Set(problems.map(({ message }) => message));
  const remedyFrom = ({ changes = [] }: Pick<Finding, "changes">): Remedy | undefined =>
    changes.length === 0 ? undefined : { text: changes.map((change) => changeText(change)).join("; "), changes };
  const all = [
    ...problems.map((problem): Found => {
      const { severity, code, message } = problem;
      const offer = offered.get(message);
      return {
        key: `${code} ${message}`,
        severity,
        about: aboutOf(draft, problem),
        message,
        remedy: () => (offer && remedyFrom(offer)) ?? remedyOf(draft, problem),
      };
    }),
    ...findings
      .filter(({ message }) => !said.has(message))
      .map((finding): Found => {
        const { severity, rule, message } = finding;
        return {
          key: `${rule} ${message}`,
          severity,
          about: aboutOf(draft, finding),
          message,
          remedy: () => remedyFrom(finding),
        };
      }),
  ];
  return all.toSorted((one, other) => rank[one.severity] - rank[other.severity]);
};

/** What was found in a draft, as the page shows it. */
export interface Checked {
  /** The worst, with their remedies: at most {@link mostShown}. */
  readonly issues: ReadonlyArray<Issue>;
  /** How many there are of all, and of those that keep the graph from being deployed. */
  readonly count: number;
  readonly errors: number;
  /** The worst of each node and edge. */
  readonly marks: Marks;
}

/** What was found in a draft, and whether it is being checked again. */
export type Issues = Checked & { readonly isChecking: boolean };

/** The severity of the worst that is wrong with a node or an edge. */
export type Marks = ReadonlyMap<Key, Issue["severity"]>;

/** As many are shown with words. Of a broken graph of ten thousand nodes, nobody reads them all. */
const mostShown = 100;

/** Returns what a page shows of what was found: a large graph may have as many problems as nodes. */
export const checkedOf = (
  draft: Draft,
  problems: ReadonlyArray<Problem>,
  findings: ReadonlyArray<Reviewed>,
): Checked => {
  const all = foundIn(draft, problems, findings);
  const marks = new Map<Key, Issue["severity"]>();
  for (const { about, severity } of all) for (const key of about) if (!marks.has(key)) marks.set(key, severity);
  return {
    issues: all.slice(0, mostShown).map(({ remedy, ...issue }) => ({ ...issue, remedy: remedy() })),
    count: all.length,
    errors: all.filter(({ severity }) => severity === "error" || severity === "blocking").length,
    marks,
  };
};
