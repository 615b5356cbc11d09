import { Effect, Struct } from "effect";
import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import type { KnownToBreakGlass } from "../../domain/deployment/break-glass.ts";
import type { deployment } from "../../domain/deployment/decider.ts";
import { foreignHosts } from "../../domain/deployment/ownership.ts";
import type { KnownToDeployments } from "../../domain/deployment/request.ts";
import { isRival, machinesWith, type OtherDeployment, rolledBackBefore } from "../../domain/deployment/rivals.ts";
import type { Deployment, DeploymentState } from "../../domain/deployment/state.ts";
import { hostsOf, machinesOf, type ReachedHost } from "../../domain/deployment/waves.ts";
import type { GraphChange } from "../../domain/graph/contract.ts";
import { machineOf } from "../../domain/graph/node-types/host.ts";
import { type CommandOf, defined } from "../../domain/kernel/mod.ts";
import { inputsOf } from "../../domain/nix/mod.ts";
import { Authority } from "../authority.ts";
import { unavailableLog } from "../history.ts";
import { EventStore, type EventStoreShape, FlakeInputs } from "../ports/mod.ts";
import { ReadModels } from "../read-models.ts";
import { eyesOf, ownersOfPrincipals, reviewers } from "./agents.ts";
import { dataUnder, dataUnderRollback } from "./deployed.ts";
import { freezesOf } from "./freezes.ts";
import { candidateFor, graphAt, graphBefore } from "./graphs.ts";
import { policiesFor } from "./policies.ts";

const allDeployments = Effect.gen(function* () {
  const documents = yield* (yield* ReadModels).upToDate("deployments");
  return [...documents.values()].map(
    ({ id, graph, graphDigest, target, status, requestedAt, hosts, reason }): OtherDeployment => ({
      id,
      graph,
      graphDigest,
      target,
      status,
      requestedAt,
      hosts: hosts.map((host) => host.id),
      machines: target === "nixos" ? hosts.map(machineOf) : [],
      ...defined({ reason }),
    }),
  );
});

/** Returns whether the vote approved a deployment, whatever happened afterwards. */
const wasApproved = ({ outcome, conditions }: DeploymentDocument): boolean =>
  outcome === undefined && conditions !== undefined;

/** The author and the resulting version of each commit of a graph, up to the position that was read. */
interface Authorship {
  position: number;
  readonly commits: Array<{ readonly actor: string; readonly version: number }>;
}

/** The authorships of recently used graphs, by log. So a long history is read only once. */
const authorships = new WeakMap<EventStoreShape, Map<string, Authorship>>();
const keptAuthorships = 64;

const authorshipOf = Effect.fnUntraced(function* (graph: string) {
  const store = yield* EventStore;
  const kept = authorships.get(store) ?? new Map<string, Authorship>();
  authorships.set(store, kept);
  const known = kept.get(graph) ?? { position: 0, commits: [] };
  for (const commit of yield* unavailableLog(store.read("graph", graph, { after: known.position }))) {
    // Another caller may have read the same commits meanwhile.
    if (commit.position <= known.position) continue;
    known.commits.push({ actor: commit.actor, version: commit.firstVersion + commit.events.length - 1 });
    known.position = commit.position;
  }
  kept.delete(graph);
  kept.set(graph, known);
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size > keptAuthorships) kept.delete(oldest);
  return known.commits;
});

/**
 * Returns who changed a graph since its last approved version, and how. Commits that the workflow made from a
 * reviewer's offered remedies do not count. Otherwise offering a remedy would disqualify the reviewer's next review.
 */
const authorsOf = Effect.fnUntraced(function* (graph: string, version: number) {
  const documents = [...(yield* (yield* ReadModels).upToDate("deployments")).values()].filter(
    (one) => one.graph === graph,
  );
  const approved = documents.filter(wasApproved).map(({ graphVersion }) => graphVersion);
  const since = Math.max(0, ...approved.filter((one) => one <= version));
  const amending = documents.flatMap(({ rounds }) => rounds.flatMap(({ amended }) => amended?.commits ?? []));
  const offered = new Set(amending.filter((one) => one.offered).map((one) => one.version));
  const act = since === 0 ? "changed the graph" : `changed the graph since version ${since} was approved`;
  const authors = new Map<string, string>();
  const commits = yield* authorshipOf(graph);
  const first = commits.findLastIndex((commit) => commit.version <= since) + 1;
  for (const commit of commits.slice(first))
    if (commit.version <= version && !offered.has(commit.version)) authors.set(commit.actor, act);
  return authors;
});

type Request = Extract<CommandOf<typeof deployment.commands>, { type: "request" }>["payload"];

/**
 * Returns the kind of thing that already has the id of a new deployment, which it needs for its dialog and its
 * proposal.
 */
const takenAs = Effect.fnUntraced(function* (id: string) {
  const models = yield* ReadModels;
  if ((yield* models.upToDate("dialogs")).has(id)) return "dialog";
  return (yield* models.upToDate("proposals")).has(id) ? "proposal" : undefined;
});

/** Returns whether a deployment has this id. Its dialog and its proposal belong to it. */
export const isDeployment = Effect.fnUntraced(function* (id: string) {
  return (yield* (yield* ReadModels).upToDate("deployments")).has(id);
});

/** Returns the hosts that another graph has, and the machines that now have another id. */
const foreignTo = Effect.fnUntraced(function* (wanted: Parameters<typeof foreignHosts>[1]) {
  return foreignHosts([...(yield* (yield* ReadModels).upToDate("hosts")).values()], wanted);
});

/** Returns the broken glasses whose review is open. */
export const openReviewsIn = (documents: Iterable<DeploymentDocument>) =>
  [...documents].flatMap(({ id: deployment, glass }) =>
    glass === undefined || glass.closed !== undefined
      ? []
      : [{ deployment, ...Struct.pick(glass, ["by", "reason", "at"]) }],
  );

/** Returns a deployment whose broken glass still waits for its review, preferably another one than `id`. */
const unreviewed = Effect.fnUntraced(function* (id: string) {
  const documents = yield* (yield* ReadModels).upToDate("deployments");
  const open = openReviewsIn(documents.values()).map((one) => Struct.pick(one, ["deployment", "by"]));
  return open.find(({ deployment }) => deployment !== id) ?? open[0];
});

/** Returns what a break-glass decision needs: the principal's roles and key, the policy, and the freezes. */
const knownToBreakGlass = Effect.fnUntraced(function* (
  id: string,
  principal: string,
  where: Parameters<typeof freezesOf>[0],
) {
  const open = yield* unreviewed(id);
  yield* (yield* ReadModels).upToDate("policies");
  const { policy } = yield* policiesFor("deployment", undefined);
  const { roles, publicKey } = yield* (yield* Authority).standingOf(principal);
  const freezes = yield* freezesOf(where);
  const known: KnownToBreakGlass = { policy, roles, freezes, ...defined({ publicKey, open }) };
  return known;
});

/** Returns the effects of a version of a graph on the data on the hosts; empty if the version does not exist. */
const dataAt = Effect.fnUntraced(function* (graph: string, version: number, hosts?: ReadonlyArray<string>) {
  const graphs = yield* graphAt(graph, version);
  return graphs !== undefined && "found" in graphs ? yield* dataUnder(graphs.found.document, hosts) : [];
});

/** Returns the references of a version's inputs that neither the graph nor this installation pins. */
const openInputsAt = Effect.fnUntraced(function* (graph: string, version: number) {
  const graphs = yield* graphAt(graph, version);
  if (graphs === undefined || !("found" in graphs)) return undefined;
  const open = inputsOf(graphs.found.document, yield* FlakeInputs).filter(({ pinnedBy }) => pinnedBy === undefined);
  return Object.fromEntries(open.map(({ name, reference }) => [name, reference]));
});

const knownToRequest = Effect.fnUntraced(function* (
  { graph, version, target, hosts, breakGlass: given }: Request,
  id: string,
  principal: string,
) {
  const candidate = yield* candidateFor(graph, version);
  const waves = candidate.is === "revision" ? candidate.revision.waves : [];
  const wanted = { graph, target, hosts: hostsOf({ waves }), machines: machinesOf({ waves }) };
  const changed = { ...wanted, machines: machinesWith(target, wanted.machines) };
  const others = (yield* allDeployments).filter((other) => isRival(changed, other));
  yield* (yield* ReadModels).upToDate("policies");
  const { policy } = yield* policiesFor("deployment", undefined);
  const taken = yield* takenAs(id);
  const foreign = yield* foreignTo(wanted);
  const breakGlass = given && (yield* knownToBreakGlass(id, principal, wanted));
  const writers =
    policy.document.fourEyes !== false && candidate.is === "revision"
      ? { authors: yield* authorsOf(graph, candidate.revision.graphVersion), owners: yield* ownersOfPrincipals }
      : {};
  const data = candidate.is === "revision" ? yield* dataAt(graph, candidate.revision.graphVersion, hosts) : [];
  const openInputs =
    candidate.is === "revision" ? yield* openInputsAt(graph, candidate.revision.graphVersion) : undefined;
  const known: KnownToDeployments = {
    candidate,
    data,
    policy,
    reviewers: yield* reviewers,
    others,
    foreign,
    ...defined({ taken, breakGlass, openInputs }),
    ...writers,
  };
  return known;
});

/** Returns the texts of the graph, if a remedy looks like a secret. */
const knownToReview = Effect.fnUntraced(function* (state: DeploymentState, changes: ReadonlyArray<GraphChange>) {
  const graph = state === null ? undefined : yield* graphBefore(state, changes);
  const known: KnownToDeployments = { reviewers: [], others: [], ...defined({ graph }) };
  return known;
});

/** Returns the graph's other deployments, which show whether a revision was rolled back before. */
const knownToAmend = Effect.fnUntraced(function* (id: string) {
  const all = yield* allDeployments;
  const own = all.find((one) => one.id === id);
  const known: KnownToDeployments = {
    reviewers: [],
    others: all.filter((other) => other.id !== id && other.graph === own?.graph),
  };
  return known;
});

/** Returns the deployment that rolled a revision back, if that was the revision's last event. */
export const rolledBackAmong = Effect.fnUntraced(function* (
  id: string,
  revision: Parameters<typeof rolledBackBefore>[1],
) {
  return rolledBackBefore(
    (yield* allDeployments).filter((other) => other.id !== id),
    revision,
  );
});

const knownToRollBack = Effect.fnUntraced(function* (id: string, state: DeploymentState) {
  const all = yield* allDeployments;
  const own = all.find((one) => one.id === id);
  const previous = new Map(state?.touched.map((touched) => [touched.host, touched.previous]));
  const known: KnownToDeployments = {
    data: state?.status === "succeeded" ? yield* dataUnderRollback(previous) : [],
    reviewers: [],
    others: own === undefined ? [] : all.filter((other) => other.id !== id && isRival(own, other)),
  };
  return known;
});

/** Returns how to reach the hosts that a deployment has enrolled. */
const reachOf = Effect.fnUntraced(function* (hosts: ReadonlyArray<string>) {
  const documents = yield* (yield* ReadModels).upToDate("hosts");
  return hosts.flatMap((host): ReadonlyArray<ReachedHost> => {
    const { address, ssh } = documents.get(host) ?? {};
    return address === undefined ? [] : [{ host, address, ...defined({ ssh }) }];
  });
});

/**
 * Returns what may prevent the start of the activation: hosts of other graphs, freezes, and the policy now in force.
 */
const knownToBegin = Effect.fnUntraced(function* ({ id, graph, target, planned: hosts, machines = {} }: Deployment) {
  yield* (yield* ReadModels).upToDate("policies");
  const { policy } = yield* policiesFor("deployment", undefined);
  const activation = { policy: policy.document, freezes: yield* freezesOf({ graph, hosts }) };
  const version = (yield* (yield* ReadModels).upToDate("deployments")).get(id)?.graphVersion;
  const known: KnownToDeployments = {
    data: version === undefined ? [] : yield* dataAt(graph, version, hosts),
    reviewers: [],
    others: [],
    foreign: yield* foreignTo({ graph, target, hosts, machines }),
    reached: yield* reachOf(hosts),
    activation,
  };
  return known;
});

/** Returns the knowledge of a decision that does not depend on other deployments. */
const withoutOthers =
  <K extends "breakGlass" | "closeReview">(name: K) =>
  (known: NonNullable<KnownToDeployments[K]>): KnownToDeployments => ({ reviewers: [], others: [], [name]: known });

/**
 * Returns the knowledge for a deployment's decisions: the revision, the reviewers, rival deployments, and the hosts of
 * other graphs.
 */
export const lookUpForDeployment = (
  command: CommandOf<typeof deployment.commands>,
  id: string,
  state: DeploymentState,
  principal: string,
) => {
  switch (command.type) {
    case "request":
      return knownToRequest(command.payload, id, principal);
    case "review":
      return knownToReview(
        state,
        command.payload.findings.flatMap(({ changes = [] }) => changes),
      );
    case "amend":
      return knownToAmend(id);
    case "begin-deploying":
      return state === null ? undefined : knownToBegin(state);
    case "break-glass": {
      if (state === null) return undefined;
      const { graph, planned: hosts } = state;
      return Effect.map(knownToBreakGlass(id, principal, { graph, hosts }), withoutOthers("breakGlass"));
    }
    case "close-review":
      return Effect.map(eyesOf(principal), withoutOthers("closeReview"));
    case "roll-back":
      return knownToRollBack(id, state);
    default:
      return undefined;
  }
};
