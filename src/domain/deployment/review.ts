import { Option, Schema } from "effect";
import type { NotedReview } from "../consensus/rounds.ts";
import { GraphChange } from "../graph/contract.ts";
import { bounds, List, Name, NonEmptyText, Text } from "../kernel/mod.ts";

/** How much a finding matters: a note is to know, a warning to mend, and with a blocking one nothing is deployed. */
export const Severity = Schema.Literals(["note", "warning", "blocking"]);
export type Severity = typeof Severity.Type;

/** What a reviewer found by one of its rules. `changes` are graph changes that would mend it. */
export const Finding = Schema.Struct({
  rule: Schema.NonEmptyString,
  severity: Severity,
  nodes: Schema.Array(Schema.String),
  edges: Schema.Array(Schema.String),
  message: Schema.String,
  changes: Schema.optionalKey(Schema.Array(GraphChange)),
});
export type Finding = typeof Finding.Type;

/** What notes were called before there were reviews by command. */
const oldNote = "info";

/** A finding within the bounds of a command. */
export const GivenFinding = Schema.Struct({
  rule: NonEmptyText(bounds.name),
  severity: Schema.Literals([...Severity.literals, oldNote]),
  nodes: List(Name),
  edges: List(Text(bounds.name)),
  message: Text(bounds.text),
  changes: Schema.optionalKey(List(GraphChange, bounds.many)),
});
export type GivenFinding = typeof GivenFinding.Type;

/** The finding in today's words. */
export const findingOf = ({ severity, ...finding }: GivenFinding): Finding => ({
  ...finding,
  severity: severity === oldNote ? "note" : severity,
});

/** What a turn carries that speaks of a review. It is talk: reviews count by their command. */
const Review = Schema.Struct({
  kind: Schema.Literal("review"),
  deployment: Schema.String,
  findings: Schema.Array(Schema.Struct({ ...Finding.fields, severity: GivenFinding.fields.severity })),
});

const decode = Schema.decodeUnknownOption(Review);

/** The findings in the data of a turn, if there are any. */
export const reviewIn = (data: unknown): { readonly findings: ReadonlyArray<Finding> } | undefined =>
  Option.getOrUndefined(Option.map(decode(data), ({ findings }) => ({ findings: findings.map(findingOf) })));

/** Whether a finding comes with a remedy. */
const isMendable = ({ changes = [] }: Finding): boolean => changes.length > 0;

/** A review as far as the vote depends on it: what blocks, and the remedies of what should be mended. */
export const notedReview = (reviewer: string, findings: ReadonlyArray<Finding>): NotedReview => ({
  reviewer,
  blocking: findings
    .filter(({ severity }) => severity === "blocking")
    .map((finding) => ({ rule: finding.rule, message: finding.message, mendable: isMendable(finding) })),
  remedies: findings.filter(isMendable).map(({ changes = [] }) => changes),
});
