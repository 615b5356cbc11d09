import type { DeploymentDocument } from "../../../../../src/contract/views/deployments.ts";

/** A deployment that was just requested, with other fields as a test needs them. */
export const deployment = (fields: Partial<DeploymentDocument> = {}): DeploymentDocument => ({
  id: "shop-1",
  version: 1,
  position: 1,
  graph: "shop",
  graphVersion: 3,
  graphDigest: "sha256-g",
  flakeDigest: "sha256-f",
  target: "simulated",
  status: "requested",
  statusSince: "2026-01-01T00:00:00.000Z",
  phases: {},
  reviewers: [],
  findings: [],
  reviewed: [],
  blocking: [],
  rounds: [],
  ballots: [],
  hosts: [],
  requestedBy: "ann",
  requestedAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  ...fields,
});
