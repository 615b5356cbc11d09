import type { Client, Json } from "../../agents/kit/mod.ts";
import { fieldOf, itemsOf, textOf } from "./text.ts";

/** The columns of `cim tasks list`: how each stands, since when, and what it waits for. */
export const taskHeadings: ReadonlyArray<string> = "ID,TYPE,STATUS,PRIORITY,AGENT,ATTEMPT,SINCE,NOTE".split(",");

const childrenText = (document: Json): string => {
  const open = itemsOf(document, "children").filter(
    (child) => !["completed", "failed", "cancelled"].includes(textOf(child, "status")),
  );
  return open.length === 0 ? "" : `waits for ${open.map((child) => textOf(child, "id")).join(", ")}`;
};

const percentText = (document: Json): string => {
  const percent = textOf(document, "progress", "percent");
  return [percent === "" ? "" : `${percent} %`, textOf(document, "progress", "message")]
    .filter((part) => part !== "")
    .join(" ");
};

/** What there is to say of a task in its state: its place in the queue, how far it is, or why it failed. */
const noteText = (document: Json): string => {
  switch (textOf(document, "status")) {
    case "submitted": {
      const place = textOf(document, "queue", "place");
      return place === "" ? "" : `${place}. in the queue; ${textOf(document, "queue", "waitsFor")}`;
    }
    case "in-progress":
      return childrenText(document) || percentText(document);
    case "failed":
      return textOf(document, "failure", "reason");
    default:
      return "";
  }
};

/** A task as a row under {@link taskHeadings}. */
export const taskRow = (document: Json): ReadonlyArray<string> => [
  ...["id", "type", "status", "priority", "agent"].map((field) => textOf(document, field)),
  `${textOf(document, "attempt")} of ${textOf(document, "maxAttempts")}`,
  textOf(document, "since"),
  noteText(document),
];

/** The tasks with what each that waits is waiting for. */
export const withQueue = async (
  client: Client,
  items: ReadonlyArray<Json>,
  signal: AbortSignal,
): Promise<ReadonlyArray<Json>> => {
  if (!items.some((item) => textOf(item, "status") === "submitted")) return items;
  const { data } = await client.query("tasks", "queue", { limit: 1000 }, { signal });
  const places = new Map(
    itemsOf(data, "items").map((item) => [
      textOf(item, "id"),
      { place: fieldOf(item, "place") ?? null, waitsFor: fieldOf(item, "waitsFor") ?? null },
    ]),
  );
  return items.map((item) => {
    const queue = places.get(textOf(item, "id"));
    return queue === undefined || typeof item !== "object" || item === null || Array.isArray(item)
      ? item
      : { ...item, queue };
  });
};
