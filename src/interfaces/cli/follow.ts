import type { Client } from "../../agents/kit/mod.ts";
import { type DeploymentDocument, deploymentDocument, hasEnded } from "./deployment-document.ts";
import { CliFailure, exitCode } from "./errors.ts";
import { runningHosts } from "./paging.ts";
import { type Progress, progressBetween } from "./progress.ts";
import { listenToSteps } from "./step-output.ts";
import { type DeploymentSummary, deploymentSummary } from "./summary.ts";

/** Follows a deployment to its end; `tell` hears of each step once, and of what its programs print. Throws where `signal` aborts first. */
export const followDeployment = async (
  client: Client,
  id: string,
  tell: (progress: Progress, document: DeploymentDocument) => void,
  signal: AbortSignal,
): Promise<DeploymentDocument> => {
  let before: DeploymentDocument | undefined;
  const stopListening = listenToSteps(client, id, (output) => {
    if (before !== undefined) tell({ type: "progress", deployment: id, kind: "output", ...output }, before);
  });
  try {
    for await (const { document } of client.watch("deployments", { id }, signal)) {
      if (document === undefined) continue;
      const after = deploymentDocument(document);
      for (const progress of progressBetween(before, after)) tell(progress, after);
      if (hasEnded(after)) return after;
      before = after;
    }
  } finally {
    stopListening();
  }
  throw new CliFailure(
    `deployment ${id} goes on: follow it with \`cim deployments get ${id} --watch\`, or call it off with \`cim deployments cancel ${id}\``,
    { exitCode: exitCode.interrupted },
  );
};

/** The summary of a deployment that has ended, with what the hosts run that it did not touch. */
export const summaryOf = async (
  client: Client,
  document: DeploymentDocument,
  signal: AbortSignal,
): Promise<DeploymentSummary> => deploymentSummary(document, await runningHosts(client, signal));
