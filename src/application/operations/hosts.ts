import { Effect } from "effect";
import type { GraphCommit, HostReasons } from "../../contract/views/hosts.ts";
import type { FullInputOf } from "../../contract/views/mod.ts";
import { proposal } from "../../domain/consensus/decider.ts";
import { type Arrival, type HostAccount, hostAccountOf } from "../../domain/deployment/account/arrival.ts";
import { decisionAccountOf } from "../../domain/deployment/account/decision.ts";
import {
  type DeploymentAccount,
  deploymentAccountOf,
  discussionAccountOf,
} from "../../domain/deployment/account/deployment.ts";
import { deployment } from "../../domain/deployment/decider.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import { changeText } from "../../domain/graph/change-text.ts";
import { graph } from "../../domain/graph/decider.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { indexOf } from "../../domain/graph/graph-index.ts";
import { commitsOfPart, type GraphPart, type PartCommit } from "../../domain/graph/part-commits.ts";
import { documentOf } from "../../domain/graph/state.ts";
import { host } from "../../domain/host/decider.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { CommandError } from "../command-error.ts";
import type { EventStore } from "../ports/mod.ts";
import type { AnswersOf } from "../queries.ts";
import { getDocument, listDocuments } from "./documents.ts";
import { amendedDeployment, eventsOfOne, historyOf } from "./events-of.ts";

type WhyInput = FullInputOf<"hosts", "why">;

/** The number of histories that are read at once. */
const concurrency = 8;

const refused = (reason: string, message: string) =>
  new CommandError({ code: "rejected", message, details: { reason } });

/** The most changes of one commit in the answer. An import may have thousands. */
const shownChanges = 50;

/** The commits of a graph with their events. */
type GraphHistory = Effect.Success<ReturnType<typeof historyOf<typeof graph.events>>>;

/** Returns the history of a graph up to a version, which may lie inside a commit. */
const upTo = (history: GraphHistory, version: number): GraphHistory =>
  history.flatMap(({ commit, events }) => {
    const known = events.filter((event) => event.version <= version);
    return known.length === 0 ? [] : [{ commit, events: known }];
  });

/** Returns the document of a graph after its history. */
const documentIn = (history: GraphHistory, id: string): GraphDocument | undefined => {
  const state = history
    .flatMap(({ events }) => events)
    .reduce((before, event) => graph.evolve(before, event, { ...event, aggregateId: id }), graph.initial);
  return state === null ? undefined : documentOf(id, state);
};

/** Returns a commit as the answer shows it. */
const shownCommit = ({ commit: { commit, events }, changes }: PartCommit<GraphHistory[number]>): GraphCommit => {
  const last = events.at(-1);
  const version = last?.version ?? commit.firstVersion;
  const left = changes.length - shownChanges;
  return {
    position: commit.position,
    version,
    time: commit.time,
    actor: commit.actor,
    command: commit.command,
    ...defined({ amends: amendedDeployment(commit) }),
    event: last?.eventId ?? "",
    cid: last?.cid ?? "",
    changes: changes.slice(0, shownChanges),
    ...defined({ moreChanges: left > 0 ? left : undefined }),
  };
};

/** Returns the changes with the conditions that required them; empty if the changes were never made. */
const amendmentsOf = ({ amendment }: DeploymentAccount): HostReasons["amendments"] =>
  amendment === undefined
    ? []
    : amendment.conditions.flatMap(({ voter, text, changes = [] }) =>
        changes.length === 0 ? [] : [{ voter, condition: text, changes: changes.map((change) => changeText(change)) }],
      );

/** Refuses a node that is not on the host, and says where to ask instead. */
const nodeNotThere = (node: string, { host: id }: WhyInput, account: DeploymentAccount, document: GraphDocument) => {
  const index = indexOf(document);
  const hosts = index.placements.get(node) ?? [];
  const here = (index.residents.get(id) ?? []).map((resident) => resident.id);
  const remedy =
    hosts.length > 0
      ? `it is on ${hosts.map((other) => `\`${other}\``).join(", ")}: ask there`
      : here.length === 0
        ? "nothing is: ask for the host alone"
        : `ask for one of ${here.map((other) => `\`${other}\``).join(", ")}`;
  const version = `version ${account.graphVersion} of graph \`${account.graph}\``;
  return refused(
    "node-not-on-host",
    `node \`${node}\` is not on host \`${id}\` in ${version}, which runs there; ${remedy}`,
  );
};

/** Returns the history of a deployment that a host names. The deployment must therefore exist. */
const accountOf = Effect.fnUntraced(function* (id: string) {
  const account = deploymentAccountOf(yield* eventsOfOne(deployment, id));
  if (account !== undefined) return account;
  return yield* refused("deployment-not-found", `the log has no deployment \`${id}\`: check it with audit.verify`);
});

/** Returns the chain of causes behind the deployment on the host. */
const chainOf = Effect.fnUntraced(function* (input: WhyInput, { deployment: id, ...arrival }: Arrival) {
  const account = yield* accountOf(id);
  const [whole, votes, turns] = yield* Effect.all(
    [
      historyOf(graph, account.graph),
      account.proposal === undefined ? Effect.succeed([]) : eventsOfOne(proposal, account.proposal),
      account.dialog === undefined ? Effect.succeed([]) : eventsOfOne(dialog, account.dialog),
    ],
    { concurrency },
  );
  const history = upTo(whole, account.graphVersion);
  const document = documentIn(history, account.graph);
  const nodes = document === undefined ? [] : (indexOf(document).residents.get(input.host) ?? []).map(({ id }) => id);
  if (input.node !== undefined && document !== undefined && !nodes.includes(input.node))
    return yield* nodeNotThere(input.node, input, account, document);
  const part: GraphPart = input.node === undefined ? { host: input.host } : { node: input.node };
  const commits = commitsOfPart(history, part).toReversed();
  const left = commits.length - input.limit;
  const [decision, discussion] = [decisionAccountOf(votes), discussionAccountOf(turns)];
  return {
    deployment: { ...account, arrival, nodes },
    ...defined({ decision, discussion, earlierCommits: left > 0 ? left : undefined }),
    amendments: amendmentsOf(account),
    commits: commits.slice(0, input.limit).map(shownCommit),
  };
});

const rolledBackOf = Effect.fnUntraced(function* ({
  deployment: id,
  closure: restored,
  reverted,
}: HostAccount["departures"][number]) {
  const { status, target, graph: ofGraph, graphVersion, requested, stop } = yield* accountOf(id);
  return defined({ id, status, target, graph: ofGraph, graphVersion, requested, stop, restored, reverted });
});

/** Returns the meaning of a difference between what runs and what was deployed; undefined if there is none. */
const differenceOf = ({ running, deployed, earlier }: HostAccount): HostReasons["difference"] => {
  if (running === undefined || running.closure === deployed?.closure) return undefined;
  const text =
    earlier === undefined
      ? "nobody deployed what runs there"
      : `nobody deployed what runs there now; deployment ${earlier} had put it there before`;
  return defined({ text, since: running.since, earlier });
};

/** Traces what runs on a host back to its decision and its authors, from the log alone. */
const why = Effect.fnUntraced(function* (input: WhyInput) {
  const { host: id, node } = input;
  const events = yield* eventsOfOne(host, id);
  if (events.length === 0)
    return yield* refused(
      "not-found",
      `there is no host \`${id}\`: list \`hosts\` for those there are, or deploy a graph that has it`,
    );
  const account = hostAccountOf(events);
  const { running, deployed, arrival, departures } = account;
  if (deployed === undefined)
    return yield* refused(
      "not-deployed",
      `no deployment has been on host \`${id}\`, so nothing explains why it runs what it runs: deploy a graph that has it`,
    );
  if (arrival === undefined && node !== undefined)
    return yield* refused(
      "node-not-on-host",
      `node \`${node}\` is not on host \`${id}\`: every deployment there was rolled back; ask for the host alone`,
    );
  const chain = arrival === undefined ? { amendments: [], commits: [] } : yield* chainOf(input, arrival);
  return {
    ...defined({ host: id, node, running, deployed, difference: differenceOf(account) }),
    ...chain,
    rolledBack: yield* Effect.forEach(departures, rolledBackOf, { concurrency }),
  };
});

/** The answers about hosts. */
export const hostAnswers = { get: getDocument("host"), list: listDocuments, why } satisfies AnswersOf<
  "hosts",
  EventStore
>;
