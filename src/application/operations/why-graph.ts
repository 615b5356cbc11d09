import type { Effect } from "effect";
import type { GraphCommit, HostReasons } from "../../contract/views/hosts.ts";
import type { DeploymentAccount } from "../../domain/deployment/account/deployment.ts";
import { changeText } from "../../domain/graph/change-text.ts";
import { documentOf, graph } from "../../domain/graph/decider.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import type { PartCommit } from "../../domain/graph/part-commits.ts";
import { workflowName } from "../processes/deployment-workflow/state.ts";
import type { historyOf } from "./events-of.ts";

/** A commit tells so many changes: an import may make thousands. */
const toldChanges = 50;

/** The commits of a graph with their events. */
export type GraphHistory = Effect.Success<ReturnType<typeof historyOf<typeof graph.events>>>;

/** The history of a graph up to a version, which may lie inside a commit. */
export const upTo = (history: GraphHistory, version: number): GraphHistory =>
  history.flatMap(({ commit, events }) => {
    const known = events.filter((event) => event.version <= version);
    return known.length === 0 ? [] : [{ commit, events: known }];
  });

/** The document of a graph by its history. */
export const documentIn = (history: GraphHistory, id: string): GraphDocument | undefined => {
  const state = history
    .flatMap(({ events }) => events)
    .reduce((before, event) => graph.evolve(before, event, { ...event, aggregateId: id }), graph.initial);
  return state === null ? undefined : documentOf(id, state);
};

/** A commit as the answer tells it. */
export const toldCommit = ({ commit: { commit, events }, changes }: PartCommit<GraphHistory[number]>): GraphCommit => {
  const last = events.at(-1);
  const version = last?.version ?? commit.firstVersion;
  const left = changes.length - toldChanges;
  return {
    position: commit.position,
    version,
    time: commit.time,
    actor: commit.actor,
    command: commit.command,
    // The workflow changes graphs only where a vote depends on it.
    ...(commit.actor === workflowName ? { amends: commit.correlationId } : {}),
    event: last?.eventId ?? "",
    cid: last?.cid ?? "",
    changes: changes.slice(0, toldChanges),
    ...(left > 0 ? { moreChanges: left } : {}),
  };
};

/** Whose condition made which change; nothing where the changes were never made. */
export const amendmentsOf = ({ conditions, amendment }: DeploymentAccount): HostReasons["amendments"] =>
  amendment === undefined
    ? []
    : conditions.flatMap(({ voter, text, changes = [] }) =>
        changes.length === 0 ? [] : [{ voter, condition: text, changes: changes.map((change) => changeText(change)) }],
      );
