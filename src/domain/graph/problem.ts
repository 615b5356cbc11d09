import { Schema } from "effect";

/** The problems that make a graph undeployable. */
export const errorCodes = [
  "invalid-config",
  "invalid-id",
  "duplicate-id",
  "missing-node",
  "invalid-edge",
  "cycle",
  "unplaced",
  "port-conflict",
  "engine-conflict",
  "resources-exceeded",
  "storage-conflict",
  "no-backend",
  "no-host",
] as const;

/** The problems that are worth a look. */
export const warningCodes = [
  "orphan",
  "single-point-of-failure",
  "no-health-check",
  "no-backup",
  "plaintext-public",
] as const;

/** Something wrong with a graph: which nodes (by id) and edges (by identity), and in words what to do about it. */
export const Problem = Schema.Struct({
  code: Schema.Literals([...errorCodes, ...warningCodes]),
  severity: Schema.Literals(["error", "warning"]),
  nodes: Schema.Array(Schema.String),
  edges: Schema.Array(Schema.String),
  message: Schema.String,
});
export type Problem = typeof Problem.Type;
export type ErrorCode = (typeof errorCodes)[number];
export type WarningCode = (typeof warningCodes)[number];

/** What a problem is about. */
interface Subject {
  readonly nodes?: ReadonlyArray<string>;
  readonly edges?: ReadonlyArray<string>;
}

export const error = (code: ErrorCode, subject: Subject, message: string): Problem => ({
  code,
  severity: "error",
  nodes: subject.nodes ?? [],
  edges: subject.edges ?? [],
  message,
});

export const warning = (code: WarningCode, subject: Subject, message: string): Problem => ({
  code,
  severity: "warning",
  nodes: subject.nodes ?? [],
  edges: subject.edges ?? [],
  message,
});

/** The names that a message has at most: more would fill pages, and the problem's own lists have all. */
const mostNames = 8;

/** Ids for a message: `a`, `b` and 3 more. */
export const named = (ids: ReadonlyArray<string>): string => {
  const shown = ids.slice(0, ids.length > mostNames ? mostNames - 1 : mostNames).map((id) => `\`${id}\``);
  const rest = ids.length - shown.length;
  return rest === 0 ? shown.join(", ") : `${shown.join(", ")} and ${rest} more`;
};

const rank = new Map<string, number>([...errorCodes, ...warningCodes].map((code, index) => [code, index]));

/** Errors before warnings, codes as the format lists them, then by nodes, edges and message. */
export const inOrder = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  problems
    .map((problem) => ({
      problem,
      rank: rank.get(problem.code) ?? 0,
      text: [problem.nodes.join(" "), problem.edges.join(" "), problem.message].join("\n"),
    }))
    .sort((left, right) => left.rank - right.rank || (left.text < right.text ? -1 : left.text > right.text ? 1 : 0))
    .map(({ problem }) => problem);
