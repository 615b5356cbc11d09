import type { AggregateName } from "../../../contract/commands.ts";

const places: { readonly [A in AggregateName]?: string } = {
  agent: "/fleet/agents",
  deployment: "/deployments",
  dialog: "/conversations",
  graph: "/graphs",
  host: "/fleet/hosts",
  knowledge: "/knowledge",
  proposal: "/decisions",
  task: "/fleet/tasks",
};

/** Returns the address of the page of an aggregate: its own page, or its history if it has none. */
export const placeOf = (aggregate: string, id: string): string => {
  const known: Readonly<Record<string, string>> = places;
  const own = Object.hasOwn(known, aggregate) ? known[aggregate] : undefined;
  const name = encodeURIComponent(id);
  return own === undefined ? `/audit/documents/${encodeURIComponent(aggregate)}/${name}` : `${own}/${name}`;
};

/** Returns the address of the page of an event, by its id `<aggregate>.<id>.<version>`. */
export const placeOfEvent = (eventId: string): string =>
  `/audit/events/${eventId.split(".").map(encodeURIComponent).join("/")}`;

/** Returns the aggregate whose own page is at an address; undefined if there is none. */
export const thingAt = (path: string): { readonly aggregate: AggregateName; readonly id: string } | undefined => {
  for (const [aggregate, own] of Object.entries(places) as ReadonlyArray<[AggregateName, string]>) {
    const id = path.startsWith(`${own}/`) ? path.slice(own.length + 1) : "";
    if (id !== "" && !id.includes("/")) return { aggregate, id: decodeURIComponent(id) };
  }
  return undefined;
};
