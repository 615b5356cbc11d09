import type { HostDifference } from "../../domain/nix/host/difference.ts";
import type { Opening } from "../../domain/nix/host/parts.ts";
import { type Output, printable, type Style } from "./output.ts";

const openingText = ({ from, address, to, transport, port }: Opening): string =>
  `${port}/${transport} of ${to} to ${from === undefined ? "everyone" : `${from} at ${address}`}`;

/** What happens to a host, a thing a line, indented; no lines where nothing does. */
export const differenceLines = (
  { units, firewall, settings }: Pick<HostDifference, "units" | "firewall" | "settings">,
  { style }: Pick<Output, "style">,
): ReadonlyArray<string> => {
  const lines = (color: Style, verb: string, things: ReadonlyArray<string>) =>
    things.map((thing) => `    ${style(color, verb.padEnd(8))} ${printable(thing)}`);
  return [
    ...lines("green", "starts", units.started),
    ...lines("yellow", "restarts", units.restarted),
    ...lines("red", "stops", units.stopped),
    ...lines("green", "opens", firewall.opened.map(openingText)),
    ...lines("red", "closes", firewall.closed.map(openingText)),
    ...lines("yellow", "changes", settings),
  ];
};

const signs = { added: "+", removed: "-", changed: "~", unchanged: " " } as const;
const colors = { added: "green", removed: "red", changed: "yellow", unchanged: "dim" } as const;

/** What happens to the hosts of a graph; those that stay as they are have no line. */
export const differencesText = (hosts: ReadonlyArray<HostDifference>, output: Pick<Output, "style">): string =>
  hosts
    .filter(({ change }) => change !== "unchanged")
    .flatMap((difference) => [
      output.style(
        colors[difference.change],
        `${signs[difference.change]} host ${difference.host}${difference.change === "removed" ? ": no longer in the graph, left as it is" : ""}`,
      ),
      ...differenceLines(difference, output),
    ])
    .join("\n");
