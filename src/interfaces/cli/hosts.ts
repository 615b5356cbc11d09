import type { Json } from "../../agents/kit/mod.ts";
import { host } from "../../domain/host/decider.ts";
import { aggregateGroup } from "./aggregate-commands.ts";
import { fieldOf, itemsOf, textOf } from "./text.ts";
import type { Listing } from "./views.ts";

/** The beginning of a store path's hash, which tells closures apart; another text as it is. */
const shortClosure = (closure: string): string => /^\/nix\/store\/([a-z0-9]{8})/.exec(closure)?.[1] ?? closure;

const numberOf = (document: Json, ...path: ReadonlyArray<string>): number | undefined => {
  const value = fieldOf(document, ...path);
  return typeof value === "number" ? value : undefined;
};

const diskText = (document: Json): string => {
  const total = numberOf(document, "observed", "disk", "totalBytes");
  const free = numberOf(document, "observed", "disk", "freeBytes");
  if (total === undefined || free === undefined || total === 0) return "";
  return `${Math.round((1 - free / total) * 100)} % of ${Math.round(total / 1e9)} GB`;
};

const driftText = (document: Json): string =>
  itemsOf(document, "drifts")
    .map((drift) => [textOf(drift, "kind"), textOf(drift, "unit")].filter((part) => part !== "").join(" "))
    .join(", ");

const healthText = (document: Json): string => {
  const said = ["failing", "stopped"]
    .map((field) => [field, textOf(document, field)] as const)
    .filter(([, nodes]) => nodes !== "")
    .map(([field, nodes]) => `${field}: ${nodes}`)
    .join("; ");
  return said === "" ? textOf(document, "health") : `${textOf(document, "health")} (${said})`;
};

/** Since when a host is as it is: the beginning of its oldest drift, else the last that was news. */
const sinceText = (document: Json): string => {
  const [drift] = itemsOf(document, "drifts");
  return textOf(drift, "since") || textOf(document, "reportedAt");
};

/** The list shows first what an operator looks for. */
export const hostListing: Listing = {
  headings: ["ID", "HEALTH", "SHOULD RUN", "RUNS", "DRIFT", "LOAD", "DISK", "SINCE", "GRAPH"],
  row: (document) => [
    textOf(document, "id"),
    healthText(document),
    shortClosure(textOf(document, "desired", "closure")),
    shortClosure(textOf(document, "closure")),
    driftText(document),
    textOf(document, "observed", "load"),
    diskText(document),
    sinceText(document),
    textOf(document, "desired", "placement", "graph") || textOf(document, "graph"),
  ],
};

/** `cim hosts`. */
export const hosts = aggregateGroup(host, hostListing);
