import type { Action } from "../../../src/application/action.ts";
import type { ProcessManager } from "../../../src/application/process-manager.ts";
import type { CommandSpecs, EventOf, EventSpecs, RecordedEvent } from "../../../src/domain/kernel/mod.ts";

/** A log for process managers: each event a commit of its own, a second after the one before. */
export const recorder = () => {
  let position = 0;
  const versions = new Map<string, number>();
  return <E extends EventSpecs>(
    decider: { readonly name: string; readonly commands: CommandSpecs; readonly events: E },
    id: string,
    event: EventOf<E>,
    actor = "someone",
  ): RecordedEvent => {
    position += 1;
    const key = `${decider.name}.${id}`;
    const version = (versions.get(key) ?? 0) + 1;
    versions.set(key, version);
    return {
      eventId: `${key}.${version}`,
      aggregate: decider.name,
      id,
      type: event.type,
      schemaVersion: 1,
      version,
      position,
      lastOfCommit: true,
      time: new Date(position * 1000).toISOString(),
      actor,
      commandId: `c${position}`,
      correlationId: "correlation",
      cid: `cid-${position}`,
      data: JSON.parse(JSON.stringify(event.data)),
    };
  };
};

/** What a process manager wants because of the last of these events. */
export const reactionsTo = <State, R>(
  manager: ProcessManager<State, R>,
  events: ReadonlyArray<RecordedEvent>,
): ReadonlyArray<Action> => {
  const last = events.at(-1);
  return last === undefined ? [] : manager.react(events.reduce(manager.evolve, manager.initial), last);
};
