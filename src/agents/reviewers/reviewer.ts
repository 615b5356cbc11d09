import { Schema } from "effect";
import type { Finding } from "../../domain/deployment/review.ts";
import { GraphDocument } from "../../domain/graph/document.ts";
import { isObject, reader } from "../kit/json.ts";
import { Agent, type AgentContext, type Client, isDenied, type VotingOpened } from "../kit/mod.ts";
import { architectureRules } from "./architecture.ts";
import { summaryOf, voteOn } from "./ballot.ts";
import { capacityRules } from "./capacity.ts";
import { continuityRules } from "./continuity.ts";
import {
  ChangeSubject,
  HostDocument,
  noRuleFor,
  type PlainVote,
  RepairSubject,
  readSubject,
  voteOnChange,
  voteOnRepair,
} from "./host-matters.ts";
import { type Rule, review } from "./rule.ts";
import { securityRules } from "./security.ts";

export const topics = ["architecture", "security", "capacity", "continuity"] as const;
export type Topic = (typeof topics)[number];

/** The rules of each reviewer. No two of them own the same rule, so that their changes never contradict each other. */
export const rules: Readonly<Record<Topic, ReadonlyArray<Rule>>> = {
  architecture: architectureRules,
  security: securityRules,
  capacity: capacityRules,
  continuity: continuityRules,
};

export interface ReviewerOptions {
  readonly client: Client;
  readonly id: string;
  readonly topic: Topic;
  readonly heartbeatSeconds?: number;
}

/**
 * Starts an agent that reviews deployments by the rules of its topic: it says in the deployment's dialog what it
 * found, and votes by it. It remembers nothing: its rules are pure, so that it votes the same after a restart.
 */
export const startReviewer = ({ topic, ...agent }: ReviewerOptions): Promise<Agent> =>
  Agent.make({
    ...agent,
    name: `Reviewer: ${topic}`,
    capabilities: ["review", topic],
    onTurn: async ({ dialog, data }, context) => {
      if (!isObject(data) || data.kind !== "review-request") return;
      const { deployment, graph, graphVersion } = readRequest(data);
      const findings = await findingsOf(context, topic, graph, graphVersion);
      const turn = { text: summaryOf(topic, findings), data: { kind: "review", deployment, findings } };
      await once(context, "dialog", dialog.id, "say", turn, `review-${deployment}`);
    },
    onProposal: async ({ proposal }, context) => {
      if (proposal.kind !== "deployment") {
        const vote = await voteOnMatter(context, proposal);
        await once(context, "proposal", proposal.id, "vote", vote, `vote-${proposal.id}`);
        return;
      }
      const { data } = await context.client.query(
        "deployments",
        "get",
        { id: proposal.id },
        { signal: context.signal },
      );
      const { graph, graphVersion } = readRevision(data);
      const findings = await findingsOf(context, topic, graph, graphVersion);
      await once(context, "proposal", proposal.id, "vote", voteOn(findings), `vote-${proposal.id}`);
    },
  });

const readRequest = reader(
  Schema.Struct({ deployment: Schema.NonEmptyString, graph: Schema.NonEmptyString, graphVersion: Schema.Int }),
  "a request for a review",
);
const readRevision = reader(
  Schema.Struct({ graph: Schema.NonEmptyString, graphVersion: Schema.Int }),
  "a document of `deployments.get`",
);
const readDocument = reader(GraphDocument, "a document of `graphs.get`");

const readHost = reader(HostDocument, "a document of `hosts.get`");

/** The vote on what is not a deployment: a repair, a change of a host, or something that there is no rule for. */
const voteOnMatter = async (
  { client, signal }: AgentContext,
  { kind, subject }: VotingOpened["proposal"],
): Promise<PlainVote> => {
  const repair = kind === "repair" ? readSubject(RepairSubject, subject) : undefined;
  if (repair !== undefined)
    return voteOnRepair(repair, readHost((await client.query("hosts", "get", { id: repair.host }, { signal })).data));
  const change = kind === "change" ? readSubject(ChangeSubject, subject) : undefined;
  if (change === undefined) return noRuleFor(kind);
  const { graph: id, graphVersion: version } = change;
  return voteOnChange(change, readDocument((await client.query("graphs", "get", { id, version }, { signal })).data));
};

const findingsOf = async (
  { client, signal }: AgentContext,
  topic: Topic,
  id: string,
  version: number,
): Promise<ReadonlyArray<Finding>> => {
  const { data } = await client.query("graphs", "get", { id, version }, { signal });
  return review(rules[topic], readDocument(data));
};

/** Gives a command under an id of its own; refused by a rule it was too late, and there is nothing left to do. */
const once = async (
  { client, signal }: AgentContext,
  aggregate: string,
  id: string,
  command: string,
  payload: object,
  purpose: string,
): Promise<void> => {
  try {
    await client.command(aggregate, id, command, payload, { commandId: `${client.principal}.${purpose}`, signal });
  } catch (error) {
    if (!isDenied(error)) throw error;
  }
};
