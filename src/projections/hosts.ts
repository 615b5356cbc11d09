import { Schema } from "effect";
import { host } from "../domain/host/decider.ts";
import { HostState } from "../domain/host/state.ts";
import { Instant, Name, Principal, type RecordedEventOf } from "../domain/kernel/mod.ts";
import { defineView, documentFields, foldEvents, stampOf } from "./view.ts";

const HostDocument = Schema.Struct({
  ...documentFields,
  id: Name,
  ...HostState.fields,
  reportedBy: Schema.optionalKey(Principal),
  reportedAt: Schema.optionalKey(Instant),
});
export type HostDocument = typeof HostDocument.Type;

/** A document is the host's state, and who last reported on it when. */
const evolve = (
  { id: _, version: __, position: ___, reportedBy, reportedAt, ...state }: Partial<HostDocument> & HostState,
  event: RecordedEventOf<typeof host.events>,
): HostDocument => ({
  ...host.evolve(state, event, { ...event, aggregateId: event.id }),
  ...(reportedBy === undefined ? {} : { reportedBy }),
  ...(reportedAt === undefined ? {} : { reportedAt }),
  ...(event.type === "host-state-reported" ? { reportedBy: event.actor, reportedAt: event.time } : {}),
  ...stampOf(event),
});

/** What each host should run, what was seen of it, and how the two differ. */
export const hosts = defineView<HostDocument>({
  name: "hosts",
  version: 2,
  document: HostDocument,
  apply: foldEvents(host, (document, event) => evolve(document ?? host.initial, event)),
});
