import { dataFindings } from "../../agents/reviewers/data-loss.ts";
import { rules as topicRules } from "../../agents/reviewers/reviewer.ts";
import { review } from "../../agents/reviewers/rule.ts";
import { type Topic, topics } from "../../agents/roster.ts";
import type { DataFate } from "../../domain/deployment/data/fate.ts";
import type { Finding } from "../../domain/deployment/review.ts";
import type { Allowance } from "../../domain/graph/allowances.ts";
import { changeText } from "../../domain/graph/change-text.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import type { Output, Style } from "./output.ts";

/** What a reviewer will say about a graph. */
export interface ExpectedReview {
  readonly reviewer: Topic;
  readonly findings: ReadonlyArray<Finding>;
}

/** What the reference reviewers will find in a graph: their own rules, asked here. */
export const expectedReviews = (
  document: GraphDocument,
  secretLike: ReadonlyArray<Allowance>,
  data: ReadonlyArray<DataFate>,
): ReadonlyArray<ExpectedReview> =>
  topics.map((reviewer) => {
    const found = review(topicRules[reviewer], document, secretLike);
    return { reviewer, findings: reviewer === "continuity" ? [...dataFindings(data), ...found] : found };
  });

const colors: Readonly<Record<Finding["severity"], Style>> = { note: "dim", warning: "yellow", blocking: "red" };

/** What comes of a finding in the vote. */
const consequenceOf = ({ severity, changes }: Finding): string | undefined => {
  if (severity === "note") return undefined;
  if (changes !== undefined) return "will be a condition:";
  return severity === "blocking" ? "will reject the deployment" : undefined;
};

const findingLines = (finding: Finding, output: Output): ReadonlyArray<string> => {
  const { rule, severity, message, changes = [] } = finding;
  const consequence = consequenceOf(finding);
  return [
    `  ${output.style(colors[severity], severity)} ${rule}: ${message}`,
    ...(consequence === undefined ? [] : [`    ${consequence}`]),
    ...(severity === "note" ? [] : changes.map((change) => `      ${changeText(change)}`)),
  ];
};

/** What reviewers will say, for people: each finding, and what comes of it in the vote. */
export const reviewLines = (reviews: ReadonlyArray<ExpectedReview>, output: Output): ReadonlyArray<string> =>
  reviews.flatMap(({ reviewer, findings }) => [
    `${output.style("bold", reviewer)}: ${findings.length === 0 ? "nothing to object" : ""}`.trimEnd(),
    ...findings.flatMap((finding) => findingLines(finding, output)),
  ]);
