import type { DeploymentDocument, HostProgress } from "../../../contract/views/deployments.ts";
import type { Live } from "../live.ts";
import type { Output } from "../output.ts";
import { countText, durationText, shortHash } from "../text.ts";
import { type Progress, progressLines } from "./progress.ts";

/** A step that took less is shown without its time, in milliseconds. */
const worthTelling = 1000;

/** Hosts under way that the status names. */
const namedHosts = 3;

/** A host that is deployed, on one line: its steps, those that took long with their time, and what it runs. */
export const doneLine = ({ id, steps = [], closure, detail }: HostProgress): string => {
  const taken = steps
    .filter(({ step }) => step !== "recorded")
    .map(({ step, milliseconds = 0 }) =>
      milliseconds < worthTelling ? `✓${step}` : `✓${step} ${durationText(milliseconds)}`,
    );
  const words = [`  ${id} `, ...taken, shortHash(closure ?? ""), detail === undefined ? "" : `(${detail})`];
  return words.filter((word) => word !== "").join(" ");
};

/** Where a deployment stands, on one line: its phase, the hosts under way, and how many are done. */
export const statusText = ({ status, hosts }: DeploymentDocument): string => {
  const done = hosts.filter((host) => host.status === "confirmed" || host.status === "reverted").length;
  const underWay = hosts.filter((host) => !["pending", "confirmed", "reverted"].includes(host.status));
  const named = underWay.slice(0, namedHosts).map((host) => `${host.id} ${host.status}`);
  const more = underWay.length > namedHosts ? [`${underWay.length - namedHosts} more`] : [];
  const hostsText = done === 0 && underWay.length === 0 ? [] : [`${done} of ${countText(hosts.length, "host")} done`];
  return [status, ...named, ...more, ...hostsText].join("  ");
};

/**
 * Shows a deployment as it goes on. On a terminal a host that is under way is in the status that is redrawn, and gets one
 * line when it is done; elsewhere each step is a line.
 */
export const showProgress = (
  live: Live,
  output: Pick<Output, "live" | "json">,
  progress: Progress,
  document: DeploymentDocument,
): void => {
  const isStep = progress.kind === "host" && progress.failedAt === undefined && progress.status !== "reverted";
  const host = progress.kind === "host" ? document.hosts.find(({ id }) => id === progress.host) : undefined;
  if (!output.live || !isStep || host === undefined) live.line(progressLines(progress));
  else if (progress.status === "confirmed") live.line(doneLine(host));
  live.status(statusText(document));
};
