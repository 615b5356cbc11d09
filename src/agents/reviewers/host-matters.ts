import { Option, Schema } from "effect";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { indexOf } from "../../domain/graph/graph-index.ts";
import { Closure } from "../../domain/host/desired.ts";
import { DriftKind } from "../../domain/host/drift.ts";
import { OperationKind } from "../../domain/host/operation.ts";
import { quoted, usersOf } from "./rule.ts";

/** The payload of `proposal.vote` on a repair or a change of a host, or on what a reviewer does not know. */
export interface PlainVote {
  readonly choice: "approve" | "reject" | "abstain";
  readonly reason: string;
}

export const RepairSubject = Schema.Struct({
  host: Schema.String,
  kind: DriftKind,
  unit: Schema.optionalKey(Schema.String),
  closure: Closure,
});
export const ChangeSubject = Schema.Struct({
  host: Schema.String,
  action: OperationKind,
  node: Schema.String,
  graph: Schema.String,
  graphVersion: Schema.Int,
});

/** What the view `hosts` says of a host, as far as a vote needs it. */
export const HostDocument = Schema.Struct({
  desired: Schema.optionalKey(Schema.Struct({ closure: Closure })),
  drifts: Schema.Array(Schema.Struct({ kind: DriftKind, unit: Schema.optionalKey(Schema.String) })),
});

/** A repair is right if it leads to what the newest deployment of the host says, and is still needed. */
export const voteOnRepair = (
  { host, kind, unit, closure }: typeof RepairSubject.Type,
  { desired, drifts }: typeof HostDocument.Type,
): PlainVote => {
  if (desired?.closure !== closure)
    return { choice: "reject", reason: `${host} should run another closure by now than the repair would bring back` };
  return drifts.some((drift) => drift.kind === kind && drift.unit === unit)
    ? { choice: "approve", reason: "it brings back what the deployment was approved for" }
    : { choice: "abstain", reason: "there is nothing to repair any more" };
};

/** A node may be started, restarted or moved; it may be stopped if no node uses it. A move has a vote of its own. */
export const voteOnChange = ({ action, node }: typeof ChangeSubject.Type, document: GraphDocument): PlainVote => {
  if (action === "scale") return { choice: "approve", reason: "its deployment is reviewed and voted on by itself" };
  if (action !== "stop") return { choice: "approve", reason: `a ${action} changes nothing that was deployed` };
  const users = usersOf(indexOf(document), node);
  return users.length === 0
    ? { choice: "approve", reason: `nothing in the graph uses ${node}` }
    : { choice: "reject", reason: `${quoted(users)} use ${node}: stop them first, or take them off the graph` };
};

/** A reviewer without a rule for a matter abstains at once, so that the vote does not wait for it. */
export const noRuleFor = (kind: string): PlainVote => ({
  choice: "abstain",
  reason: `this reviewer has no rule for proposals of kind \`${kind}\``,
});

export const readSubject = <T>(schema: Schema.Codec<T, unknown>, subject: unknown): T | undefined =>
  Option.getOrUndefined(Schema.decodeUnknownOption(schema)(subject));
