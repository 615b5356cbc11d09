import { Option, Schema } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import { StepOutput } from "../../../contract/signals.ts";
import type { DeploymentDocument } from "../../../contract/views/deployments.ts";
import { isOver } from "../../../domain/deployment/lifecycle.ts";
import { everyItem } from "../documents.ts";
import { CliFailure, exitCode } from "../errors.ts";
import { type Progress, progressBetween } from "./progress.ts";
import { type DeploymentSummary, deploymentSummary } from "./summary.ts";

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(StepOutput));

/**
 * Calls `hear` with the output of a deployment's programs until the returned function is called. Output is missed if
 * the server does not permit the subscription.
 */
export const listenToSteps = (client: Client, deployment: string, hear: (output: StepOutput) => void): (() => void) => {
  const subscription = client.nats.subscribe(client.names.subjects.output("*", deployment), {
    callback: (error, message) => {
      const output = error === null ? Option.getOrUndefined(decode(message.string())) : undefined;
      if (output !== undefined) hear(output);
    },
  });
  return () => subscription.unsubscribe();
};

/**
 * Follows a deployment to its end. `tell` gets each step once, and the output of programs. Throws if `signal` aborts
 * first.
 */
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
      for (const progress of progressBetween(before, document)) tell(progress, document);
      if (isOver(document.status)) return document;
      before = document;
    }
  } finally {
    stopListening();
  }
  throw new CliFailure(
    `deployment ${id} goes on: follow it with \`cim deployments get ${id} --watch\`, or call it off with \`cim deployments cancel ${id}\``,
    { exitCode: exitCode.interrupted },
  );
};

/** The summary of a deployment that has ended, with the closures of hosts that it did not touch. */
export const summaryOf = async (
  client: Client,
  document: DeploymentDocument,
  signal: AbortSignal,
): Promise<DeploymentSummary> => {
  const running = new Map<string, string>();
  for await (const { id, closure } of everyItem(client, "hosts", signal))
    if (closure !== undefined) running.set(id, closure);
  return deploymentSummary(document, running);
};
