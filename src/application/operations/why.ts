import { Effect, Schema } from "effect";
import type { HostReasons } from "../../contract/views/hosts.ts";
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
import { graph } from "../../domain/graph/decider.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import { indexOf } from "../../domain/graph/graph-index.ts";
import { commitsOfPart, type GraphPart } from "../../domain/graph/part-commits.ts";
import { host } from "../../domain/host/decider.ts";
import { Name } from "../../domain/kernel/mod.ts";
import { CommandError } from "../command-error.ts";
import { operation } from "../queries.ts";
import { eventsOfOne, historyOf } from "./events-of.ts";
import { amendmentsOf, documentIn, toldCommit, upTo } from "./why-graph.ts";

const WhyInput = Schema.Struct({
  host: Name,
  /** Only why this node is on the host. */
  node: Schema.optionalKey(Name),
  /** At most so many commits of the graph, the newest. */
  limit: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })).pipe(
    Schema.withDecodingDefaultKey(Effect.succeed(200)),
  ),
});
type WhyInput = typeof WhyInput.Type;

/** Histories that are read at once. */
const concurrency = 8;

const refused = (reason: string, message: string) =>
  new CommandError({ code: "rejected", message, details: { reason } });

/** Why a node is not on the host, and where to ask instead. */
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

/** The history of a deployment that is there because a host tells of it. */
const accountOf = Effect.fnUntraced(function* (id: string) {
  const account = deploymentAccountOf(yield* eventsOfOne(deployment, id));
  if (account !== undefined) return account;
  return yield* refused("deployment-not-found", `the log has no deployment \`${id}\`: check it with audit.verify`);
});

/** What stands behind the deployment that is on the host. */
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
    ...(decision === undefined ? {} : { decision }),
    ...(discussion === undefined ? {} : { discussion }),
    amendments: amendmentsOf(account),
    commits: commits.slice(0, input.limit).map(toldCommit),
    ...(left > 0 ? { earlierCommits: left } : {}),
  };
});

const rolledBackOf = Effect.fnUntraced(function* ({
  deployment: id,
  closure: restored,
  reverted,
}: HostAccount["departures"][number]) {
  const { status, target, graph: ofGraph, graphVersion, requested, stop } = yield* accountOf(id);
  const why = stop === undefined ? {} : { stop };
  return { id, status, target, graph: ofGraph, graphVersion, requested, ...why, restored, reverted };
});

/** Where something else runs than was deployed. */
const differenceOf = ({ running, deployed, earlier }: HostAccount): Pick<HostReasons, "difference"> => {
  if (running === undefined || running.closure === deployed?.closure) return {};
  const text =
    earlier === undefined
      ? "nobody deployed what runs there"
      : `nobody deployed what runs there now; deployment ${earlier} had put it there before`;
  return { difference: { text, since: running.since, ...(earlier === undefined ? {} : { earlier }) } };
};

/** The way back from what runs on a host to who decided on it and who made it, from the log alone. */
const why = operation({
  input: WhyInput,
  description:
    "Why a host runs what it runs, or why a node is on it: the deployment, its decision, ballots and dialog, and the commits of the graph",
  answer: Effect.fnUntraced(function* (input: WhyInput) {
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
        `no deployment has been on host \`${id}\`, so nothing tells why it runs what it runs: deploy a graph that has it`,
      );
    if (arrival === undefined && node !== undefined)
      return yield* refused(
        "node-not-on-host",
        `node \`${node}\` is not on host \`${id}\`: every deployment there was rolled back; ask for the host alone`,
      );
    const chain = arrival === undefined ? { amendments: [], commits: [] } : yield* chainOf(input, arrival);
    const document: HostReasons = {
      host: id,
      ...(node === undefined ? {} : { node }),
      ...(running === undefined ? {} : { running }),
      deployed,
      ...differenceOf(account),
      ...chain,
      rolledBack: yield* Effect.forEach(departures, rolledBackOf, { concurrency }),
    };
    return document;
  }),
});

/** What can be asked about hosts besides the documents of the view. */
export const hostOperations = { why };
