import { Effect } from "effect";
import {
  type EventSpecs,
  isEventOf,
  isInternalCommandId,
  type RecordedEvent,
  type RecordedEventOf,
} from "../../domain/kernel/mod.ts";
import { contexts } from "../contexts.ts";
import { recordedEvents, unavailableLog } from "../history.ts";
import { type Commit, EventStore } from "../ports/mod.ts";
import { workflowName } from "../processes/deployment-workflow/state.ts";

/** Every aggregate of the backend, by name. */
export const aggregates = new Map(contexts.map((aggregate) => [aggregate.name, aggregate]));

/** The events of a commit, upcast. */
export const eventsOf = (commit: Commit): ReadonlyArray<RecordedEvent> =>
  recordedEvents(aggregates.get(commit.aggregate), commit);

/** The commits of one aggregate, each with its events as those of its decider. */
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

/** The events of one aggregate, as those of its decider. */
export const eventsOfOne = <E extends EventSpecs>(decider: { readonly name: string; readonly events: E }, id: string) =>
  Effect.map(historyOf(decider, id), (history) => history.flatMap(({ events }) => events));

/**
 * The deployment whose vote a commit follows from. The backend makes such a commit by itself, because of something else,
 * as the workflow or in the name of the voter who wants it.
 */
export const amendedDeployment = ({ actor, commandId, correlationId }: Commit): string | undefined =>
  actor === workflowName || (isInternalCommandId(commandId) && correlationId !== commandId) ? correlationId : undefined;
