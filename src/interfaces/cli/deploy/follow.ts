import { Option, Schema } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import { StepOutput } from "../../../contract/signals.ts";
import type { DeploymentDocument } from "../../../contract/views/deployments.ts";
import type { ProposalDocument } from "../../../contract/views/proposals.ts";
import { isOver } from "../../../domain/deployment/lifecycle.ts";
import { everyItem } from "../documents.ts";
import { CliFailure, exitCode } from "../errors.ts";
import { type Awaited, awaitedReviews, awaitedVotes, endingLines } from "../waiting.ts";
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
    `deployment ${id} goes on: follow it with \`cim deployments watch ${id}\`, or call it off with \`cim deployments cancel ${id}\``,
    { exitCode: exitCode.interrupted },
  );
};

/** The milliseconds that somebody is waited for before it is said: programs answer sooner. */
const patienceMs = 2000;

/** Says whom a deployment waits for. */
export interface Waiting {
  /** The newest document of the deployment. */
  readonly see: (document: DeploymentDocument) => void;
  readonly end: () => void;
}

/**
 * Watches whom a deployment waits for. `tick` is called each second with those who are waited for now, if any. `tell` is
 * called once for the same people when they have been waited for some seconds.
 */
export const watchWaiting = (
  client: Client,
  id: string,
  tick: (awaited: Awaited | undefined) => void,
  tell: (awaited: Awaited) => void,
): Waiting => {
  const stop = new AbortController();
  let deployment: DeploymentDocument | undefined;
  let vote: ProposalDocument | undefined;
  let told = { who: "", since: 0 };
  const follow = async () => {
    for await (const { document } of client.watch("proposals", { id }, stop.signal)) vote = document ?? vote;
  };
  // A vote that cannot be watched is not shown. The deployment is followed all the same.
  const following = follow().catch(() => undefined);
  const look = () => {
    const awaited =
      (deployment && awaitedReviews(deployment)) ??
      (deployment?.status === "voting" && vote !== undefined ? awaitedVotes(vote) : undefined);
    tick(awaited);
    const who = awaited === undefined ? "" : `${awaited.what}: ${awaited.missing.join(", ")}`;
    if (who !== told.who) told = { who, since: performance.now() };
    else if (awaited !== undefined && performance.now() - told.since >= patienceMs) {
      told = { who, since: Number.POSITIVE_INFINITY };
      tell(awaited);
    }
  };
  const timer = setInterval(look, 1000);
  return {
    see: (document) => {
      deployment = document;
    },
    end: () => {
      clearInterval(timer);
      stop.abort(new CliFailure(`deployment ${id} is followed no longer`));
      void following;
    },
  };
};

/** How the vote on a deployment ended, and why; nothing if it took effect, or if there was none. */
export const voteEnding = async (client: Client, id: string, signal: AbortSignal): Promise<ReadonlyArray<string>> => {
  const answer = await client.query("proposals", "get", { id }, { signal }).catch(() => undefined);
  return answer === undefined ? [] : endingLines(answer.data);
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
