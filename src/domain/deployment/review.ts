import { Option, Schema } from "effect";
import type { NotedReview } from "../consensus/rounds.ts";
import { GraphChange } from "../graph/contract.ts";
import { bounds, List, Name, NonEmptyText, Text } from "../kernel/mod.ts";

/**
 * The weight of a finding. A note is for information. A warning should be fixed. A blocking finding prevents the
 * deployment.
 */
export const Severity = Schema.Literals(["note", "warning", "blocking"]);
export type Severity = typeof Severity.Type;

/** A finding of a reviewer under one of its rules. `changes` are graph changes that would fix it. */
export const Finding = Schema.Struct({
  rule: Schema.NonEmptyString,
  severity: Severity,
  nodes: Schema.Array(Schema.String),
  edges: Schema.Array(Schema.String),
  message: Schema.String,
  changes: Schema.optionalKey(Schema.Array(GraphChange)),
});
export type Finding = typeof Finding.Type;

/** The name of notes before reviews had a command. */
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

/** Returns the finding in the current vocabulary. */
export const findingOf = ({ severity, ...finding }: GivenFinding): Finding => ({
  ...finding,
  severity: severity === oldNote ? "note" : severity,
});

/** The data of a turn about a review. It is only conversation: reviews count by their command. */
const Review = Schema.Struct({
  kind: Schema.Literal("review"),
  deployment: Schema.String,
  findings: Schema.Array(Schema.Struct({ ...Finding.fields, severity: GivenFinding.fields.severity })),
});

const decode = Schema.decodeUnknownOption(Review);

/** Returns the findings in the data of a turn, if there are any. */
export const reviewIn = (data: unknown): { readonly findings: ReadonlyArray<Finding> } | undefined =>
  Option.getOrUndefined(Option.map(decode(data), ({ findings }) => ({ findings: findings.map(findingOf) })));

/** Returns whether a finding has a remedy. */
const isMendable = ({ changes = [] }: Finding): boolean => changes.length > 0;

/** Returns a review reduced to what affects the vote: its blocking findings, and its remedies. */
export const notedReview = (reviewer: string, findings: ReadonlyArray<Finding>): NotedReview => ({
  reviewer,
  blocking: findings
    .filter(({ severity }) => severity === "blocking")
    .map((finding) => ({ rule: finding.rule, message: finding.message, mendable: isMendable(finding) })),
  remedies: findings.filter(isMendable).map(({ changes = [] }) => changes),
});
