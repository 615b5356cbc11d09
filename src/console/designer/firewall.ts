import type { Admission } from "../../domain/nix/mod.ts";
import type { Box } from "./layout.ts";
import type { Line } from "./scene.ts";

/** A node at a host; the host itself for its ssh. */
interface End {
  readonly node: string;
  readonly host: string;
}

/** A way through the firewall of a host, with all ports that it leads to. */
export interface Way {
  readonly key: string;
  /** Who may come in; undefined if everyone may. */
  readonly from: End | undefined;
  readonly to: End;
  /** `tcp 5432 encrypted`, `udp 53`: each once, in the order of the ports. */
  readonly ports: ReadonlyArray<string>;
}

const endText = (end: End | undefined): string => (end === undefined ? "" : `${end.host}/${end.node}`);

/** Returns the ways through the firewalls, those of one source and one target as one, in the order of their targets. */
export const waysOf = (admissions: ReadonlyArray<Admission>): ReadonlyArray<Way> => {
  const ways = new Map<string, Way & { readonly ports: Array<string> }>();
  for (const { host, to, from, transport, port, encrypted } of admissions) {
    const ends = { from: from && { node: from.node, host: from.host }, to: { node: to, host } };
    const key = `${endText(ends.from)} ${endText(ends.to)}`;
    const way = ways.get(key) ?? { key, ...ends, ports: [] };
    ways.set(key, way);
    const text = `${transport} ${port}${encrypted === true ? " encrypted" : ""}`;
    if (!way.ports.includes(text)) way.ports.push(text);
  }
  return [...ways.values()];
};

/** Returns the ways that begin or end at one of these nodes and hosts; all of them if none is named. */
export const waysAbout = (ways: ReadonlyArray<Way>, names: ReadonlySet<string>): ReadonlyArray<Way> =>
  names.size === 0
    ? ways
    : ways.filter(({ from, to }) => [from, to].some((end) => end && (names.has(end.node) || names.has(end.host))));

/** Returns what everyone may reach of a node at a host, by {@link spotName}. ssh is left out: each host has it. */
export const openTo = (ways: ReadonlyArray<Way>): ReadonlyMap<string, string> =>
  new Map(
    ways
      .filter(({ from, to }) => from === undefined && to.node !== to.host)
      .map(({ to, ports }) => [spotName(to.host, to.node), `open to everyone: ${ports.join(", ")}`]),
  );

/** What a node at a host is known by. */
export const spotName = (host: string | undefined, node: string): string => `${host ?? ""}/${node}`;

/** Returns the lines between the boxes of hosts that reach each other. */
export const linesOfWays = (ways: ReadonlyArray<Way>, boxes: ReadonlyArray<Box>): ReadonlyArray<Line> => {
  const placeOf = new Map(boxes.map(({ host }, index) => [host, index]));
  const lines = new Map<number, Line>();
  for (const { from, to } of ways) {
    const [begin, end] = [from && placeOf.get(from.host), placeOf.get(to.host)];
    if (begin === undefined || end === undefined || begin === end) continue;
    const line = { one: Math.min(begin, end), other: Math.max(begin, end) };
    lines.set(line.one * boxes.length + line.other, line);
  }
  return [...lines.values()];
};
