import { Effect } from "effect";
import { type EventSpecs, isEventOf, type RecordedEvent, type RecordedEventOf } from "../../domain/kernel/mod.ts";
import { contexts } from "../contexts.ts";
import { recordedEvents, unavailableLog } from "../history.ts";
import { type Commit, EventStore } from "../ports/mod.ts";

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
