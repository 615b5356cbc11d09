import { Result } from "effect";
import type { KnownPolicy } from "../consensus/contract.ts";
import { equalMembers } from "../consensus/electorate.ts";
import { excludedFor } from "../consensus/four-eyes.ts";
import { shareText } from "../consensus/fraction.ts";
import type { Excluded } from "../consensus/rounds.ts";
import { afterDiscussion, rulesUnder } from "../consensus/strictness.ts";
import type { Problem } from "../graph/problem.ts";
import type { Texts } from "../graph/secret-check.ts";
import { type MissingVersion, missingVersion } from "../graph/versions.ts";
import {
  accept,
  bounds,
  type CommandOf,
  type DecisionContext,
  defined,
  type EventOf,
  type Rejection,
  refuse,
} from "../kernel/mod.ts";
import type { KnownToActivate } from "./activation.ts";
import { breakGlass, type KnownToBreakGlass, type KnownToCloseReview } from "./break-glass.ts";
import type { deploymentCommands, deploymentEvents, Revision } from "./contract.ts";
import { acceptsNothing, type DataFate, isAtRisk } from "./data/fate.ts";
import { type OpenInputs, settleInputs } from "./open-inputs.ts";
import { type ForeignHost, foreignText, takenUnasked } from "./ownership.ts";
import { machinesWith, type OtherDeployment, rivalsUnderWay, rolledBackBefore } from "./rivals.ts";
import { timesOf } from "./time-needed.ts";
import { hostsOf, machinesOf, type ReachedHost, wavesWith } from "./waves.ts";

/** The state of the graph to deploy. */
export type Candidate =
  | { readonly is: "graph-not-found" }
  | MissingVersion
  | { readonly is: "archived" }
  | { readonly is: "invalid-graph"; readonly problems: ReadonlyArray<Problem> }
  | { readonly is: "revision"; readonly revision: Revision };

/** Looked up for a deployment. `candidate`, `policy` and `reviewers` only for a request. */
export interface KnownToDeployments {
  /** For the start of the activation. */
  readonly activation?: KnownToActivate;
  readonly breakGlass?: KnownToBreakGlass;
  readonly closeReview?: KnownToCloseReview;
  /** The policy in force for deployments. */
  readonly policy?: KnownPolicy;
  readonly candidate?: Candidate;
  /** The principals that are asked to review and vote: present agents with the capability, and people with it. */
  readonly reviewers: ReadonlyArray<string>;
  /** For a request: who changed the graph since its last approved version, and how; absent if all may vote. */
  readonly authors?: ReadonlyMap<string, string>;
  /** For a request: the owners of owned principals. */
  readonly owners?: ReadonlyMap<string, string>;
  /** Deployments of the same graph or on the same hosts. */
  readonly others: ReadonlyArray<OtherDeployment>;
  /** For the start of the activation: how to reach hosts of earlier deployments. */
  readonly reached?: ReadonlyArray<ReachedHost>;
  /** The hosts to deploy that another graph has, or that this graph has under another id. */
  readonly foreign?: ReadonlyArray<ForeignHost>;
  /** For a request, the start of the activation and a rollback: the fates of the data on the hosts. */
  readonly data?: ReadonlyArray<DataFate>;
  /** For a request: the inputs that neither the graph nor the installation pins. */
  readonly openInputs?: OpenInputs;
  /** For a review: the texts of the graph, if something in its remedies looks like a secret. */
  readonly graph?: Texts;
  /**
   * What a client has already created under the id of the request. The deployment needs that id for its own dialog and
   * proposal.
   */
  readonly taken?: "dialog" | "proposal";
}

type Request = Extract<CommandOf<typeof deploymentCommands>, { type: "request" }>["payload"];
type Event = EventOf<typeof deploymentEvents>;
type Decision = Result.Result<ReadonlyArray<Event>, Rejection>;
type Context = DecisionContext<KnownToDeployments>;

/** Requests a deployment. It needs a deployable revision, people to decide, and no rival. */
export const request = (asked: Request, context: Context): Decision => {
  const { aggregateId, known } = context;
  const subject = `deployment \`${aggregateId}\``;
  if (known.taken !== undefined)
    return refuse(
      "id-taken",
      `${subject}: there is a ${known.taken} \`${aggregateId}\`, and the deployment needs that id for its own; request it under another one`,
      { taken: known.taken },
    );
  const candidate = known.candidate ?? { is: "graph-not-found" };
  switch (candidate.is) {
    case "graph-not-found":
      return refuse("graph-not-found", `${subject}: there is no graph \`${asked.graph}\`; import it first`);
    case "version-not-found":
    case "version-inside-commit": {
      const { reason, message, details } = missingVersion(asked.graph, asked.version ?? 0, candidate);
      return refuse(reason, `${subject}: ${message}`, details);
    }
    case "archived":
      return refuse("archived", `${subject}: graph \`${asked.graph}\` is archived; import it again to revive it`);
    case "invalid-graph":
      return refuse(
        "invalid-graph",
        `${subject}: graph \`${asked.graph}\` cannot be deployed: ${candidate.problems[0]?.message}`,
        { problems: candidate.problems.map((problem) => ({ ...problem })) },
      );
    case "revision":
      return Result.flatMap(begin(asked, candidate.revision, subject, context), (requested) =>
        withGlassBroken(requested, asked, candidate.revision, context),
      );
  }
};

/**
 * Four eyes: authors do not vote on their own work. Returns the voters that requested the deployment or changed the
 * graph, and the voters that are one pair of eyes with them.
 */
const authorsAmong = (
  principal: string,
  { policy, reviewers, authors, owners }: KnownToDeployments,
): ReadonlyArray<Excluded> => {
  if (authors === undefined) return [];
  const members = equalMembers([...(policy?.document.electorate ?? []).map(({ id }) => id), ...reviewers]);
  return excludedFor(members, new Map([...authors, [principal, "requested it"]]), owners ?? new Map());
};

/** Returns the time limits of a deployment, if the request is not weaker than the policy in force. */
const settingsOf = (asked: Request, policy: KnownPolicy | undefined, subject: string) => {
  if (policy === undefined) return refuse("not-known", `${subject}: no policy was looked up`);
  const { protocol, threshold, votingSeconds } = asked;
  const wishes = { ...defined({ protocol, threshold, votingSeconds }), awaitConditions: true };
  return Result.flatMap(rulesUnder(afterDiscussion(policy), wishes, subject), (rules) =>
    timesOf(asked, policy.document, rules, subject),
  );
};

/**
 * Breaks the glass in the same commit as the request. Agents review and vote within milliseconds, so a later
 * break-glass may come too late.
 */
const withGlassBroken = (
  requested: ReadonlyArray<Event>,
  { breakGlass: given }: Request,
  { graphDigest, flakeDigest }: Revision,
  context: Context,
): Decision => {
  if (given === undefined) return accept(...requested);
  const { aggregateId: id, known } = context;
  const behind = { id, graphDigest, flakeDigest, status: "requested", blocking: [] } as const;
  return Result.map(breakGlass(given, behind, known.breakGlass, context), (broken) => [...requested, ...broken]);
};

const begin = (asked: Request, revision: Revision, subject: string, { principal, known }: Context): Decision => {
  const { graph, target, protocol, threshold, votingSeconds } = asked;
  const { activation, hosts, maxParallel, acceptRemovals, reboot } = asked;
  const unknown = [...(hosts ?? []), ...(asked.takeOver ?? [])].find((host) => !hostsOf(revision).includes(host));
  if (unknown !== undefined)
    return refuse(
      "unknown-host",
      `${subject}: graph \`${graph}\` has no host \`${unknown}\`; it has ${hostsOf(revision).join(", ")}`,
    );
  if (reboot === true && activation === "test")
    return refuse(
      "reboot-of-a-test",
      `${subject}: a reboot ends the activation \`test\`: leave out \`reboot\`, or take another activation`,
    );
  const chosen = { ...revision, waves: wavesWith(revision.waves, hosts) };
  const settings = settingsOf(asked, known.policy, subject);
  if (Result.isFailure(settings)) return Result.fail(settings.failure);
  if (known.reviewers.length === 0)
    return refuse("no-reviewers", `${subject}: nobody with the capability \`review\` is there; register a reviewer`);
  if (known.reviewers.length > bounds.list)
    return refuse(
      "too-many-reviewers",
      `${subject}: ${known.reviewers.length} principals have the capability \`review\`, and a dialog takes ${bounds.list}; deregister those that need not review`,
      { reviewers: known.reviewers.length, limit: bounds.list },
    );
  const foreign = (known.foreign ?? []).filter(({ host }) => hostsOf(chosen).includes(host));
  const takeOver = foreign.filter((one) => one.graph === graph || asked.takeOver?.includes(one.host) === true);
  const unasked = takenUnasked(graph, foreign, takeOver);
  if (unasked !== undefined)
    return refuse("host-of-another-graph", `${subject}: ${foreignText(unasked)}`, { ...unasked });
  const machines = machinesWith(target, machinesOf(chosen));
  const [rival] = rivalsUnderWay(known.others, { graph, hosts: hostsOf(chosen), machines });
  if (rival !== undefined)
    return refuse(
      "deployment-in-progress",
      `${subject}: deployment \`${rival.id}\` of graph \`${rival.graph}\` is ${rival.status}; wait for its end or cancel it`,
      { deployment: rival.id },
    );
  const before = rolledBackBefore(known.others, { graph, graphDigest: revision.graphDigest, target });
  if (before !== undefined && !(asked.insist && asked.reason !== undefined))
    return refuse(
      asked.insist ? "reason-needed" : "rolled-back-before",
      `${subject}: deployment \`${before.id}\` of the same revision was rolled back; change the graph or insist, with a reason`,
      { deployment: before.id },
    );
  const insisted =
    asked.insist && asked.reason !== undefined ? defined({ reason: asked.reason, deployment: before?.id }) : undefined;
  const { acceptDataLoss } = asked;
  const data = known.data?.filter(isAtRisk) ?? [];
  const idle = acceptsNothing(data, acceptDataLoss);
  if (idle !== undefined)
    return refuse(
      "no-data-loss",
      `${subject}: it neither destroys nor empties the data of \`${idle}\`; leave it out of \`acceptDataLoss\``,
      { node: idle },
    );
  const inputs = settleInputs(asked, known.openInputs ?? {}, subject);
  if (Result.isFailure(inputs)) return Result.fail(inputs.failure);
  const excluded = authorsAmong(principal, known);
  const voters = known.policy?.document.electorate?.map(({ id }) => id) ?? known.reviewers;
  if (voters.every((id) => excluded.some((one) => one.id === id)))
    return refuse(
      "no-other-eyes",
      `${subject}: nobody is left who may vote on it: ${excluded.map(({ reason }) => reason).join("; ")}; ask another reviewer`,
      { excluded: excluded.map((one) => ({ ...one })) },
    );
  return accept({
    type: "deployment-requested",
    data: {
      graph,
      ...chosen,
      target,
      ...defined({ protocol, threshold: threshold === undefined ? undefined : shareText(threshold) }),
      reviewers: known.reviewers,
      ...defined({ excluded: excluded.length === 0 ? undefined : excluded }),
      settings: { ...settings.success, ...defined({ votingSeconds }) },
      ...defined({ activation, hosts, maxParallel, acceptRemovals, reboot }),
      ...defined({ insisted, takeOver: takeOver.length === 0 ? undefined : takeOver }),
      ...defined({ data: data.length === 0 ? undefined : data, acceptDataLoss }),
      ...inputs.success,
      pinnedVersion: asked.version !== undefined,
      requestedBy: principal,
    },
  });
};
