import type { Client } from "../../../agents/kit/mod.ts";
import type { AgentEntry } from "../../../contract/views/agents.ts";
import type { DeploymentDocument } from "../../../contract/views/deployments.ts";
import type { ParkedDocument } from "../../../contract/views/parked.ts";
import type { ProposalDocument } from "../../../contract/views/proposals.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { asBackend, withClient } from "../connection.ts";
import { everyItem } from "../documents.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { durationText } from "../text.ts";
import { awaitedReviews, awaitedVotes, waitingText } from "../waiting.ts";
import { bytesText, type Facts, lagOf, offsetText } from "./facts.ts";
import { lookAt } from "./look.ts";
import { type LookOptions, lookOutside } from "./outside-of.ts";

/** An item of a list: the list leaves fields out of what is too large for it. */
type Listed<T, K extends keyof T> = { readonly [F in K]?: T[F] | undefined } & { readonly id: string };

type Agent = Listed<AgentEntry, "status" | "registered">;
type Deployment = Listed<
  DeploymentDocument,
  "status" | "statusSince" | "endedAt" | "reviewers" | "reviewed" | "discussionEnds" | "hosts"
>;
type Vote = Listed<ProposalDocument, "status" | "electorate" | "ballots" | "deadline">;
type Parked = Listed<ParkedDocument, "status">;

/** What goes on in an installation. */
export interface Work {
  readonly agents: ReadonlyArray<Agent>;
  readonly deployments: ReadonlyArray<Deployment>;
  readonly votes: ReadonlyArray<Vote>;
  readonly parked: ReadonlyArray<Parked>;
}

const allOf = async <A>(items: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const all: Array<A> = [];
  for await (const item of items) all.push(item);
  return all;
};

const workOf = async (client: Client, signal: AbortSignal): Promise<Work> => {
  const [agents, deployments, votes, parked] = await Promise.all([
    allOf(everyItem(client, "agents", signal)),
    allOf(everyItem(client, "deployments", signal)),
    allOf(everyItem(client, "proposals", signal)),
    allOf(everyItem(client, "parked", signal)),
  ]);
  return {
    agents: agents.filter(({ registered }) => registered),
    deployments: deployments.filter(({ endedAt }) => endedAt === undefined),
    votes: votes.filter(({ status }) => status === "active"),
    parked,
  };
};

const heading = 13;
/** Lines of one kind, so that all of it fits a screen. */
const shown = 4;

/** A line that fits the screen. What is too long ends with `…`. */
const fitting = (text: string, columns: number): string =>
  [...text].length <= columns ? text : `${[...text].slice(0, columns - 1).join("")}…`;

const rows = (name: string, texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.map((text, index) => `${(index === 0 ? name : "").padEnd(heading)} ${text}`);

/** The first few, and the number of the others. */
const few = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  texts.length <= shown ? texts : [...texts.slice(0, shown - 1), `and ${texts.length - shown + 1} more`];

const presence = ["online", "away", "offline"] as const;

const agentsText = (agents: Work["agents"]): string => {
  const parts = presence.flatMap((status) => {
    const of = agents.filter((agent) => agent.status === status);
    const who = status === "online" ? "" : ` (${of.map(({ id }) => id).join(", ")})`;
    return of.length === 0 ? [] : [`${of.length} ${status}${who}`];
  });
  return parts.length === 0 ? "none" : parts.join(", ");
};

const progressText = (deployment: Deployment, now: number): string => {
  const { status, hosts, reviewers = [], reviewed = [], discussionEnds } = deployment;
  if (status === undefined) return "";
  const awaited = awaitedReviews({ status, reviewers, reviewed, ...defined({ discussionEnds }) });
  if (awaited !== undefined) return `, ${waitingText(awaited, now)}`;
  const done = hosts?.filter((host) => host.status === "confirmed").length;
  return status === "deploying" && hosts !== undefined ? `, ${done} of ${hosts.length} hosts` : "";
};

const deploymentText = (deployment: Deployment, now: number): string => {
  const { id, status = "too large to be shown", statusSince } = deployment;
  const since = statusSince === undefined ? "" : ` for ${durationText(Math.max(0, now - Date.parse(statusSince)))}`;
  return `${id}: ${status}${since}${progressText(deployment, now)}`;
};

const voteText = ({ id, electorate = [], ballots = [], deadline }: Vote, now: number): string => {
  const awaited = awaitedVotes({ status: "active", electorate, ballots, ...defined({ deadline }) });
  return `${id}: ${awaited === undefined ? "all have voted" : waitingText(awaited, now)}`;
};

const lagText = (facts: Facts): string => {
  const behind = facts.readers.map(({ name, position }) => ({ name, by: lagOf(facts, position) }));
  const of = (name: string) => behind.find((one) => one.name === name)?.by;
  const others = behind.filter(({ name }) => name !== "the views" && name !== "the feed" && !name.startsWith("view."));
  const last = others.sort((one, other) => other.by - one.by)[0];
  return [
    `views ${of("the views") ?? "?"} behind`,
    `feed ${of("the feed") ?? "?"}`,
    last === undefined ? "no process has begun" : `processes up to ${last.by}${last.by === 0 ? "" : ` (${last.name})`}`,
  ].join(", ");
};

const diskText = ({ streams, disks }: Facts): string => {
  const bytes = streams.reduce((sum, one) => sum + one.bytes, 0);
  const largest = [...streams].sort((one, other) => other.bytes - one.bytes).slice(0, 2);
  return [
    `${bytesText(bytes)} in ${streams.length} streams`,
    ...disks.map(({ used, total }) => `disk ${Math.round((100 * used) / Math.max(1, total))} % full`),
    ...largest.map((one) => `${one.name} ${bytesText(one.bytes)}`),
  ].join(", ");
};

const logText = (facts: Facts): string => {
  const { log, health } = facts;
  if (log === undefined) return "there is none";
  if (log.unfinished !== undefined) return `NOT WHOLE: \`${log.unfinished}\` has not come to its end`;
  const damaged = health?.damaged.length ?? 0;
  return `position ${log.end}${damaged === 0 ? "" : `, ${damaged} aggregates can only be read`}`;
};

const backendsText = ({ backends, health }: Facts): string => {
  if (backends.length === 0) return "NONE: start one with `cim up`";
  const versions = [...new Set(backends.map(({ version }) => version))].join(" and ");
  const state = health?.ready === true ? "ready" : `NOT READY: ${health?.reason ?? "no answer"}`;
  const standing = backends.filter(({ standsBy }) => standsBy !== undefined);
  const others =
    health?.ready === true && standing.length > 0 ? `; ${standing.length} STANDING BY, see cim doctor` : "";
  return `${backends.length}, version ${versions}, ${state}${others}`;
};

/** The whole screen. */
export const statusLines = (facts: Facts, work: Work | undefined, columns: number): ReadonlyArray<string> => {
  const { server, workHeld, now } = facts;
  const clocks = [
    ...(server.offset === undefined ? [] : [`server ${offsetText(server.offset)} from here`]),
    ...(facts.commitOffset === undefined ? [] : [`commits ${offsetText(facts.commitOffset)} from the server`]),
  ];
  const { agents, deployments, votes, parked } = work ?? { agents: [], deployments: [], votes: [], parked: [] };
  const listed = (texts: ReadonlyArray<string>) => (texts.length === 0 ? ["none"] : few(texts));
  return [
    ...rows("server", [`${server.url}, nats-server ${server.version}, prefix ${facts.prefix}`]),
    ...rows("backends", [backendsText(facts)]),
    ...rows("log", [logText(facts), lagText(facts)]),
    ...rows("lease", [workHeld ? "held" : "FREE: views, feed and deadlines stand still"]),
    ...(work === undefined
      ? []
      : [
          ...rows("agents", [agentsText(agents)]),
          ...rows("deployments", listed(deployments.map((one) => deploymentText(one, now)))),
          ...rows("votes", listed(votes.map((one) => voteText(one, now)))),
          ...rows("parked", listed(parked.map(({ id, status }) => `${id}: ${status ?? "?"}`))),
        ]),
    ...rows("disk", [diskText(facts)]),
    ...rows("clocks", [clocks.length === 0 ? "not known" : clocks.join(", ")]),
  ].map((line) => fitting(line, columns));
};

/** Shows an installation on one screen. */
export const showStatus = (options: LookOptions) => (cli: Invocation) =>
  withClient(asBackend(cli), async (client) => {
    const { output, signal } = cli;
    const facts = await lookAt(client, await lookOutside(cli, client, options));
    const answers = facts.health?.ready === true;
    const work = answers ? await workOf(client, signal) : undefined;
    if (output.json) output.document({ ready: answers, ...facts, ...work });
    output.result(statusLines(facts, work, output.columns));
    return answers ? exitCode.done : exitCode.failed;
  });
