import { Option, Schema } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import { runningHosts } from "../documents.ts";
import { CliFailure, exitCode } from "../errors.ts";
import { type DeploymentDocument, deploymentDocument, hasEnded } from "./document.ts";
import { type Progress, progressBetween } from "./progress.ts";
import { type DeploymentSummary, deploymentSummary } from "./summary.ts";

/** What the programs of a step have printed, told while they run. */
export const StepOutput = Schema.Struct({
  host: Schema.String,
  step: Schema.String,
  lines: Schema.Array(Schema.String),
});
export type StepOutput = typeof StepOutput.Type;

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(StepOutput));

/** Hears what the programs of a deployment print, until what it returns is called. What a server does not let us hear is missed. */
export const listenToSteps = (client: Client, deployment: string, hear: (output: StepOutput) => void): (() => void) => {
  const subscription = client.nats.subscribe(client.names.subjects.output("*", deployment), {
    callback: (error, message) => {
      const output = error === null ? Option.getOrUndefined(decode(message.string())) : undefined;
      if (output !== undefined) hear(output);
    },
  });
  return () => subscription.unsubscribe();
};

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
