import { Effect } from "effect";
import {
  type EventSpecs,
  isEventOf,
  isInternalCommandId,
  type RecordedEvent,
  type RecordedEventOf,
} from "../../domain/kernel/mod.ts";
import { contexts } from "../contexts.ts";
import { unavailableLog } from "../history.ts";
import { type Commit, EventStore } from "../ports/mod.ts";
import { workflowName } from "../processes/deployment-workflow/state.ts";
import { recordedEvents } from "../recorded-events.ts";

/** Every aggregate of the backend, by name. */
export const aggregates = new Map(contexts.map((aggregate) => [aggregate.name, aggregate]));

/** Returns the upcast events of a commit. */
export const eventsOf = (commit: Commit): ReadonlyArray<RecordedEvent> =>
  recordedEvents(aggregates.get(commit.aggregate), commit);

/** Returns the commits of one aggregate, each with its events typed by the decider. */
export const historyOf = Effect.fnUntraced(function* <E extends EventSpecs>(
  decider: { readonly name: string; readonly events: E },
  id: string,
) {
  const commits = yield* (yield* EventStore).read(decider.name, id);
  return commits.map((commit) => ({
    commit,
    events: eventsOf(commit).flatMap(
      (event): ReadonlyArray<RecordedEventOf<E>> => (isEventOf(decider, event) ? [event] : []),
    ),
  }));
}, unavailableLog);

/** Returns the events of one aggregate, typed by the decider. */
export const eventsOfOne = <E extends EventSpecs>(decider: { readonly name: string; readonly events: E }, id: string) =>
  Effect.map(historyOf(decider, id), (history) => history.flatMap(({ events }) => events));

/**
 * Returns the deployment whose vote caused a commit of a graph; undefined if none did. The backend makes such a commit
 * itself, as the workflow or on behalf of the voter.
 */
export const amendedDeployment = ({ actor, commandId, correlationId }: Commit): string | undefined =>
  actor === workflowName || (isInternalCommandId(commandId) && correlationId !== commandId) ? correlationId : undefined;
