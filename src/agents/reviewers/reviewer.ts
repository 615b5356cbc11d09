import { Schema } from "effect";
import { DataFate } from "../../domain/deployment/data/fate.ts";
import { ForeignHost } from "../../domain/deployment/ownership.ts";
import type { Finding } from "../../domain/deployment/review.ts";
import { Allowance } from "../../domain/graph/allowances.ts";
import { GraphDocument } from "../../domain/graph/document.ts";
import { isObject, reader } from "../kit/json.ts";
import { Agent, type AgentContext, type Client, isDenied, type VotingOpened } from "../kit/mod.ts";
import type { Topic } from "../roster.ts";
import { architectureRules } from "./architecture.ts";
import { summaryOf, voteOn } from "./ballot.ts";
import { capacityRules } from "./capacity.ts";
import { continuityRules } from "./continuity.ts";
import { dataFindings } from "./data-loss.ts";
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
import { unpinnedFindings } from "./unpinned.ts";

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
 * Starts an agent that reviews deployments by the rules of its topic. What it found counts by the command `review`; the
 * turn in the dialog is for people. It reviews each revision again, and votes by what it found in that one. It remembers
 * nothing that matters: its rules are pure, so that it says the same after a restart.
 */
export const startReviewer = ({ topic, ...agent }: ReviewerOptions): Promise<Agent> => {
  const findingsIn = newestOnly(topic);
  return Agent.make({
    ...agent,
    name: `Reviewer: ${topic}`,
    capabilities: ["review", topic],
    onTurn: async ({ dialog, data }, context) => {
      if (!isObject(data) || data.kind !== "review-request") return;
      const revision = readRevision(data);
      const { deployment, graphDigest } = revision;
      const findings = await findingsIn(context, revision);
      const turn = {
        text: summaryOf(topic, findings),
        data: { kind: "review", deployment, findings: spoken(findings) },
      };
      await Promise.all([
        giveReview(context, revision, findings),
        once(context, "dialog", dialog.id, "say", turn, `summary-${deployment}-${graphDigest}`),
      ]);
    },
    onProposal: async ({ proposal }, context) => {
      const { id, kind, subject, round } = proposal;
      if (kind !== "deployment" || round === undefined) {
        const vote = await voteOnMatter(context, proposal);
        await once(context, "proposal", id, "vote", vote, `vote-${id}`);
        return;
      }
      const revision = readRevision(subject);
      const findings = await findingsIn(context, revision);
      // The review comes first, whatever became of the dialog: it must be in the log when the last ballot is.
      await giveReview(context, revision, findings);
      await once(
        context,
        "proposal",
        id,
        "vote",
        { ...voteOn(findings, revision.takeOver), round },
        `vote-${id}-${round}`,
      );
    },
  });
};

/**
 * The findings as they are talked about: their remedies are in the review alone. A dialog does not know which texts of the
 * graph were allowed to look like secrets, and would refuse a remedy that has one.
 */
const spoken = (findings: ReadonlyArray<Finding>) => findings.map(({ changes: _changes, ...finding }) => finding);

/** Gives the review by command. The same one again changes nothing. */
const giveReview = (
  context: AgentContext,
  { deployment, graphDigest }: Revision,
  findings: ReadonlyArray<Finding>,
): Promise<void> => {
  const payload = { revision: graphDigest, findings };
  return once(context, "deployment", deployment, "review", payload, `review-${deployment}-${graphDigest}`);
};

/** Reads a revision and finds what the rules find. The newest result is kept, as a turn and a vote ask for the same. */
const newestOnly = (topic: Topic) => {
  let newest: { readonly key: string; readonly findings: Promise<ReadonlyArray<Finding>> } | undefined;
  return (context: AgentContext, revision: Revision) => {
    const { deployment, graph, graphVersion, graphDigest } = revision;
    const key = `${deployment} ${graph} ${graphVersion} ${graphDigest}`;
    if (newest?.key === key) return newest.findings;
    const findings = findingsOf(context, topic, revision);
    newest = { key, findings };
    findings.catch(() => {
      if (newest?.findings === findings) newest = undefined;
    });
    return findings;
  };
};

const readRevision = reader(
  Schema.Struct({
    deployment: Schema.NonEmptyString,
    graph: Schema.NonEmptyString,
    graphVersion: Schema.Int,
    graphDigest: Schema.NonEmptyString,
    data: Schema.optionalKey(Schema.Array(DataFate)),
    acceptDataLoss: Schema.optionalKey(Schema.Array(Schema.String)),
    unpinned: Schema.optionalKey(Schema.Array(Schema.String)),
    takeOver: Schema.optionalKey(Schema.Array(ForeignHost)),
  }),
  "a revision to review",
);
type Revision = ReturnType<typeof readRevision>;

/** A graph, and its fields that look like secrets and were allowed. Backends of earlier versions did not name them. */
const StoredGraph = Schema.Struct({
  ...GraphDocument.fields,
  secretLike: Schema.optionalKey(Schema.Array(Allowance)),
});
const readGraph = reader(StoredGraph, "a document of `graphs.get`");

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
  return voteOnChange(change, readGraph((await client.query("graphs", "get", { id, version }, { signal })).data));
};

const findingsOf = async (
  { client, signal }: AgentContext,
  topic: Topic,
  { graph: id, graphVersion: version, data: fates = [], acceptDataLoss, unpinned }: Revision,
): Promise<ReadonlyArray<Finding>> => {
  const { data } = await client.query("graphs", "get", { id, version }, { signal });
  const { secretLike, ...document } = readGraph(data);
  const found = review(rules[topic], document, secretLike);
  if (topic === "security") return [...unpinnedFindings(unpinned), ...found];
  return topic === "continuity" ? [...dataFindings(fates, acceptDataLoss), ...found] : found;
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
