import type { Client } from "../../agents/kit/mod.ts";
import { task } from "../../domain/task/decider.ts";
import { aggregateGroup } from "./aggregate-commands.ts";
import type { Listed } from "./documents.ts";
import type { Listing } from "./listing.ts";

/** A task of a list. One that waits has its place in the queue, which the documents of tasks do not have. */
type Task = Listed<"tasks"> & { readonly queue?: { readonly place: number; readonly waitsFor: string } };

const over: ReadonlyArray<Task["status"]> = ["completed", "failed", "cancelled"];

const childrenText = ({ children = [] }: Task): string | undefined => {
  const open = children.filter(({ status }) => !over.includes(status));
  return open.length === 0 ? undefined : `waits for ${open.map(({ id }) => id).join(", ")}`;
};

const progressText = ({ progress }: Task): string =>
  [progress?.percent === undefined ? undefined : `${progress.percent} %`, progress?.message]
    .filter((part) => part !== undefined)
    .join(" ");

/** The place of a task in the queue, how far it is, or why it failed: what its status leaves open. */
const noteText = (document: Task): string | undefined => {
  const { status, queue, failure } = document;
  switch (status) {
    case "submitted":
      return queue === undefined ? undefined : `${queue.place}. in the queue; ${queue.waitsFor}`;
    case "in-progress":
      return childrenText(document) ?? progressText(document);
    case "failed":
      return failure?.reason;
    default:
      return undefined;
  }
};

const withQueue = async (client: Client, items: ReadonlyArray<Task>, signal: AbortSignal) => {
  if (!items.some(({ status }) => status === "submitted")) return items;
  const { data } = await client.query("tasks", "queue", { limit: 1000 }, { signal });
  const places = new Map(data.items.map(({ id, place, waitsFor }) => [id, { place, waitsFor }]));
  return items.map((item) => {
    const queue = places.get(item.id);
    return queue === undefined ? item : { ...item, queue };
  });
};

/** The list shows the status of each task, since when, and what it waits for. */
export const taskListing: Listing<Task> = {
  headings: ["ID", "TYPE", "STATUS", "PRIORITY", "AGENT", "ATTEMPT", "SINCE", "NOTE"],
  row: (document) => [
    document.id,
    document.type,
    document.status,
    document.priority,
    document.agent,
    `${document.attempt} of ${document.maxAttempts}`,
    document.since,
    noteText(document),
  ],
  complete: withQueue,
};

/** `cim tasks`. */
export const tasks = aggregateGroup(task, "tasks", taskListing);
