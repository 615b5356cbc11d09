import type { Client, Json } from "../../agents/kit/mod.ts";
import { task } from "../../domain/task/decider.ts";
import { aggregateGroup } from "./aggregate-commands.ts";
import { fieldOf, itemsOf, textOf } from "./text.ts";
import type { Listing } from "./views.ts";

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

/** The tasks with what each that waits is waiting for. */
const withQueue = async (
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

/** The list shows the status of each, since when, and what it waits for. */
export const taskListing: Listing = {
  headings: ["ID", "TYPE", "STATUS", "PRIORITY", "AGENT", "ATTEMPT", "SINCE", "NOTE"],
  row: (document) => [
    ...["id", "type", "status", "priority", "agent"].map((field) => textOf(document, field)),
    `${textOf(document, "attempt")} of ${textOf(document, "maxAttempts")}`,
    textOf(document, "since"),
    noteText(document),
  ],
  complete: withQueue,
};

/** `cim tasks`. */
export const tasks = aggregateGroup(task, taskListing);
