import { Schema } from "effect";

/** What the command line reads of a document of the view `deployments`; milliseconds in `phases`. */
export const DeploymentDocument = Schema.Struct({
  id: Schema.String,
  graph: Schema.String,
  graphVersion: Schema.Int,
  flakeDigest: Schema.String,
  status: Schema.String,
  reason: Schema.optionalKey(Schema.String),
  detail: Schema.optionalKey(Schema.String),
  phases: Schema.Record(Schema.String, Schema.Finite),
  findings: Schema.Array(
    Schema.Struct({
      reviewer: Schema.String,
      rule: Schema.String,
      severity: Schema.String,
      nodes: Schema.Array(Schema.String),
      message: Schema.String,
    }),
  ),
  ballots: Schema.Array(
    Schema.Struct({
      voter: Schema.String,
      choice: Schema.String,
      conditions: Schema.optionalKey(Schema.Array(Schema.String)),
    }),
  ),
  hosts: Schema.Array(
    Schema.Struct({
      id: Schema.String,
      wave: Schema.Int,
      status: Schema.String,
      closure: Schema.optionalKey(Schema.String),
      previous: Schema.optionalKey(Schema.String),
      detail: Schema.optionalKey(Schema.String),
      steps: Schema.optionalKey(
        Schema.Array(Schema.Struct({ step: Schema.String, milliseconds: Schema.optionalKey(Schema.Finite) })),
      ),
      /** The step that could not be taken. */
      failedAt: Schema.optionalKey(Schema.String),
      log: Schema.optionalKey(Schema.Array(Schema.String)),
    }),
  ),
});
export type DeploymentDocument = typeof DeploymentDocument.Type;
export type HostDocument = DeploymentDocument["hosts"][number];

/** Reads a document of the view; throws where it is not one. */
export const deploymentDocument = Schema.decodeUnknownSync(DeploymentDocument);

const ends = new Set(["succeeded", "rejected", "failed", "cancelled", "rolled-back", "rollback-incomplete"]);

/** Whether a deployment has come to an end. */
export const hasEnded = ({ status }: DeploymentDocument): boolean => ends.has(status);
