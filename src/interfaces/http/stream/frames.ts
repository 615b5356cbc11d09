import type { JsMsg } from "@nats-io/jetstream";
import { decodeAttribute } from "../../../contract/cloud-event.ts";

/** The events of a stream, as `event:` names them. */
export type FrameName = "open" | "document" | "event" | "current" | "reset" | "alive" | "output" | "draft";

/**
 * Returns a frame without its `id:`. Each line of the data gets a `data:` of its own: a text with line breaks, which a
 * foreign writer could put into a bucket, would otherwise begin a frame of its own.
 */
export const frame = (name: FrameName, data: string): string =>
  `event: ${name}\n${data
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join("")}\n`;

/** Returns a frame with its `id:`. */
export const withId = (id: string, text: string): string => `id: ${id}\n${text}`;

const decoder = new TextDecoder();
const attribute = /^ce-([a-z0-9]+)$/;

/** An event of the feed as CloudEvents 1.0 in JSON, with its place in the feed as `feedsequence`. */
export const eventFrame = (message: JsMsg): string => {
  const attributes: Record<string, string | number> = { feedsequence: message.seq };
  for (const name of message.headers?.keys() ?? []) {
    const [, key] = attribute.exec(name.toLowerCase()) ?? [];
    if (key !== undefined) attributes[key] = decodeAttribute(message.headers?.get(name) ?? "");
  }
  const traceparent = message.headers?.get("traceparent") ?? "";
  if (traceparent !== "") attributes.traceparent = traceparent;
  return frame("event", `${JSON.stringify(attributes).slice(0, -1)},"data":${decoder.decode(message.data) || "null"}}`);
};

/** Returns whether a message of a bucket says that its key has no value any more. */
export const isRemoval = (message: JsMsg): boolean => (message.headers?.get("KV-Operation") ?? "") !== "";

/** A document of a view as it now is; null if it was removed. */
export const documentFrame = (view: string, message: JsMsg): string => {
  const id = message.subject.slice(message.subject.lastIndexOf(".") + 1);
  const document = isRemoval(message) ? "null" : decoder.decode(message.data) || "null";
  const head = JSON.stringify({ view, id, revision: message.seq }).slice(0, -1);
  return frame("document", `${head},"document":${document}}`);
};
