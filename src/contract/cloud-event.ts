import { Schema } from "effect";
import { defined, type RecordedEvent } from "../domain/kernel/mod.ts";
import { headerNames } from "./names.ts";

/** The feed's headers that carry the attributes of a CloudEvent, by attribute. */
export const cloudEventHeaders = {
  specVersion: "ce-specversion",
  id: "ce-id",
  type: "ce-type",
  source: "ce-source",
  subject: "ce-subject",
  time: "ce-time",
  dataContentType: "ce-datacontenttype",
  sequence: "ce-sequence",
  commitIndex: "ce-commitindex",
  aggregateVersion: "ce-aggregateversion",
  actor: "ce-actor",
  correlationId: "ce-correlationid",
  causationId: "ce-causationid",
  cid: "ce-cid",
  previousCid: "ce-previouscid",
} as const;

const header = (description: string) => Schema.String.annotate({ description });

/** Headers of a message of the feed. Values are percent-encoded, see {@link encodeAttribute}. */
export const FeedHeaders = Schema.Struct({
  [cloudEventHeaders.specVersion]: header("Version of CloudEvents: 1.0"),
  [cloudEventHeaders.id]: header("`<aggregate>.<id>.<version>`, also the Nats-Msg-Id"),
  [cloudEventHeaders.type]: header("`cim.<aggregate>.<event>.v<N>`"),
  [cloudEventHeaders.source]: header("The installation: `/<prefix>`"),
  [cloudEventHeaders.subject]: header("`<aggregate>/<id>`"),
  [cloudEventHeaders.time]: header("Time of the commit, ISO 8601 in UTC"),
  [cloudEventHeaders.dataContentType]: header("application/json"),
  [cloudEventHeaders.sequence]: header("Position of the commit in the log"),
  [cloudEventHeaders.commitIndex]: header("Number of the event in its commit, from 1"),
  [cloudEventHeaders.aggregateVersion]: header("Number of the event in its aggregate, from 1"),
  [cloudEventHeaders.actor]: header("The principal that gave the command"),
  [cloudEventHeaders.correlationId]: header("The same for everything that follows from one request"),
  [cloudEventHeaders.causationId]: Schema.optionalKey(header("The event or command that led to this event")),
  [cloudEventHeaders.cid]: header("The event's content id: CIDv1, dag-json, BLAKE3-256"),
  [cloudEventHeaders.previousCid]: Schema.optionalKey(header("Content id of the aggregate's previous event")),
  [headerNames.traceparent]: Schema.optionalKey(header("The span that the event belongs to (W3C Trace Context)")),
}).annotate({ identifier: "FeedHeaders" });
export type FeedHeaders = typeof FeedHeaders.Type;

/** The characters that a header may not contain: everything but printable ASCII, and of that the space, `"` and `%`. */
const encoded = /[^\x21\x23\x24\x26-\x7e]+/gu;

/**
 * Returns an attribute's value as the value of a header: percent-encoded as the CloudEvents NATS binding requires
 * (version 1.0.3, section 3.1.3.2). Without the encoding, consumers that follow the binding would decode a correlation
 * id with a percent sign to a different id.
 */
export const encodeAttribute = (value: string): string =>
  value.toWellFormed().replaceAll(encoded, (text) => encodeURIComponent(text));

/** Returns an attribute's value from a header. A percent sign that encodes nothing stays as it is. */
export const decodeAttribute = (value: string): string =>
  value.replaceAll(/(?:%[0-9A-Fa-f]{2})+/gu, (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  });

/**
 * Returns the headers of an event in the feed (CloudEvents 1.0, binary mode of the NATS binding). `index` is the number
 * of the event in its commit, from 1.
 */
export const feedHeaders = (event: RecordedEvent, prefix: string, index: number): FeedHeaders => {
  const { aggregate, id, causationId, previousCid, traceparent } = event;
  return defined({
    [cloudEventHeaders.specVersion]: "1.0",
    [cloudEventHeaders.id]: encodeAttribute(event.eventId),
    [cloudEventHeaders.type]: `cim.${aggregate}.${event.type}.v${event.schemaVersion}`,
    [cloudEventHeaders.source]: `/${prefix}`,
    [cloudEventHeaders.subject]: `${aggregate}/${id}`,
    [cloudEventHeaders.time]: event.time,
    [cloudEventHeaders.dataContentType]: "application/json",
    [cloudEventHeaders.sequence]: String(event.position),
    [cloudEventHeaders.commitIndex]: String(index),
    [cloudEventHeaders.aggregateVersion]: String(event.version),
    [cloudEventHeaders.actor]: encodeAttribute(event.actor),
    [cloudEventHeaders.correlationId]: encodeAttribute(event.correlationId),
    [cloudEventHeaders.causationId]: causationId === undefined ? undefined : encodeAttribute(causationId),
    [cloudEventHeaders.cid]: event.cid,
    [cloudEventHeaders.previousCid]: previousCid,
    [headerNames.traceparent]: traceparent,
  });
};
