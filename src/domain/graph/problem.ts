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

/** The problems that deserve attention. */
export const warningCodes = [
  "orphan",
  "single-point-of-failure",
  "no-health-check",
  "no-backup",
  "plaintext-public",
] as const;

/** A problem of a graph: the nodes (by id) and edges (by identity) that it concerns, and a message with the remedy. */
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

/** The nodes and edges that a problem concerns. */
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

/** The most names in a message. More would fill pages, and the problem's own lists have them all. */
const mostNames = 8;

/** Returns ids for a message: `a`, `b` and 3 more. */
export const named = (ids: ReadonlyArray<string>): string => {
  const shown = ids.slice(0, ids.length > mostNames ? mostNames - 1 : mostNames).map((id) => `\`${id}\``);
  const rest = ids.length - shown.length;
  return rest === 0 ? shown.join(", ") : `${shown.join(", ")} and ${rest} more`;
};

const rank = new Map<string, number>([...errorCodes, ...warningCodes].map((code, index) => [code, index]));

/**
 * Returns problems in order: errors before warnings, then by code as the format lists them, by nodes, edges and
 * message.
 */
export const inOrder = (problems: ReadonlyArray<Problem>): ReadonlyArray<Problem> =>
  problems
    .map((problem) => ({
      problem,
      rank: rank.get(problem.code) ?? 0,
      text: [problem.nodes.join(" "), problem.edges.join(" "), problem.message].join("\n"),
    }))
    .sort((left, right) => left.rank - right.rank || (left.text < right.text ? -1 : left.text > right.text ? 1 : 0))
    .map(({ problem }) => problem);
