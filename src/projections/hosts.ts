import type { HostDocument } from "../contract/views/hosts.ts";
import { host } from "../domain/host/decider.ts";
import type { HostState } from "../domain/host/state.ts";
import { defined, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, foldEvents, oneForEach, stampOf } from "./view.ts";

/** Returns the document: the host's state, and the last report's author and time. */
const evolve = (
  { id: _, version: __, position: ___, reportedBy, reportedAt, ...state }: Partial<HostDocument> & HostState,
  event: RecordedEventOf<typeof host.events>,
): HostDocument => ({
  ...host.evolve(state, event, { ...event, aggregateId: event.id }),
  ...(event.type === "host-state-reported"
    ? { reportedBy: event.actor, reportedAt: event.time }
    : defined({ reportedBy, reportedAt })),
  ...stampOf(event),
});

/** The desired and the observed state of each host, and the differences. */
export const hosts = defineView({
  name: "hosts",
  version: 3,
  keyOf: oneForEach(host),
  apply: foldEvents(host, (document, event) => evolve(document ?? host.initial, event)),
});
