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

/** Bytes of a message, and messages a second, that are looked at. The rest is not shown. */
const mostBytes = 64 * 1024;
const mostPerSecond = 100;

/**
 * Calls `hear` with the output of a deployment's programs until the returned function is called. Anybody may publish
 * on such a subject, so only the output of `agent()` counts, the agent that has the deployment's task. Output is missed
 * if the server does not permit the subscription.
 */
export const listenToSteps = (
  client: Client,
  deployment: string,
  agent: () => string | undefined,
  hear: (output: StepOutput) => void,
): (() => void) => {
  const { output: subjectOf } = client.names.subjects;
  let second = 0;
  let heard = 0;
  const isTooMuch = (): boolean => {
    const now = Math.floor(Date.now() / 1000);
    heard = now === second ? heard + 1 : 1;
    second = now;
    return heard > mostPerSecond;
  };
  const subscription = client.nats.subscribe(subjectOf("*", deployment), {
    callback: (error, message) => {
      const speaker = agent();
      if (error !== null || speaker === undefined || message.subject !== subjectOf(speaker, deployment)) return;
      if (message.data.length > mostBytes || isTooMuch()) return;
      const output = Option.getOrUndefined(decode(message.string()));
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
  const heard = (output: StepOutput) => {
    if (before !== undefined) tell({ type: "progress", deployment: id, kind: "output", ...output }, before);
  };
  const stopListening = listenToSteps(client, id, () => before?.agent, heard);
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
