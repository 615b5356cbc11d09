import { type DescribedEvent, describer, type RecordedGraphEvent } from "./described.ts";
import { noPlaces, type Places } from "./places.ts";

/** A part of a graph: a host with everything on it, or one node. */
export type GraphPart = { readonly host: string } | { readonly node: string };

/** All the events of one command, in order. */
export interface GraphCommit {
  readonly events: ReadonlyArray<RecordedGraphEvent>;
}

/** A change in words, and the id of the event that made it. */
export interface PartChange {
  readonly event: string;
  readonly text: string;
}

/** A commit and what of it concerns a part. */
export interface PartCommit<C> {
  readonly commit: C;
  readonly changes: ReadonlyArray<PartChange>;
}

const sameHosts = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left.length === right.length && left.every((host, index) => host === right[index]);

/** Whether a host becomes the only one or ceases to be it, so that nodes without a `runs-on` edge may move unsaid. */
const mayChangeOnlyHost = (events: ReadonlyArray<RecordedGraphEvent>, places: Places): boolean => {
  const gone = events.filter((event) => event.type === "node-removed" && places.isHost(event.data.id)).length;
  const comes = events.some((event) => event.type === "node-added" && event.data.node.type === "host");
  return (comes || gone > 0) && places.hosts() - gone <= 1;
};

/** What becomes of a node that nobody placed when the only host comes or goes. */
const moveText = (node: string, hosts: ReadonlyArray<string>): string =>
  hosts.length === 0 ? `\`${node}\` has no place any more` : `\`${node}\` runs on \`${hosts[0]}\`, the only host`;

/** The moves of nodes that no event of a commit places or takes away. */
const tacitMoves = (
  commit: GraphCommit,
  described: ReadonlyArray<DescribedEvent>,
  before: ReadonlyMap<string, ReadonlyArray<string>>,
  after: (node: string) => ReadonlyArray<string>,
): ReadonlyArray<PartChange & { readonly node: string; readonly hosts: ReadonlyArray<string> }> => {
  const event = commit.events.at(-1)?.eventId ?? "";
  const told = new Set(
    described.flatMap(({ event: { type }, nodes, edge }) =>
      type === "node-removed" || edge?.type === "runs-on" ? nodes : [],
    ),
  );
  return [...before].flatMap(([node, was]) => {
    const is = after(node);
    if (told.has(node) || sameHosts(was, is)) return [];
    return [{ node, hosts: [...was, ...is], event, text: moveText(node, is) }];
  });
};

/**
 * The commits of a graph, given from its first, that concern a part, in their order. A node is concerned by every change of
 * it, of its edges and of its place. A host is concerned by those of the host itself and of every node that is on it
 * before or after the commit, or in the end.
 */
export const commitsOfPart = <C extends GraphCommit>(
  commits: ReadonlyArray<C>,
  part: GraphPart,
): ReadonlyArray<PartCommit<C>> => {
  const end = noPlaces();
  for (const { events } of commits) events.forEach(end.read);
  const describe = describer();
  const places = noPlaces();
  return commits.flatMap((commit) => {
    const described = commit.events.flatMap(describe);
    const touched = described.flatMap(({ nodes }) => nodes);
    const watched = mayChangeOnlyHost(commit.events, places) ? [...touched, ...places.nodes()] : touched;
    const before = new Map(watched.map((node) => [node, places.of(node)]));
    commit.events.forEach(places.read);
    const concerns = (node: string): boolean =>
      "node" in part
        ? node === part.node
        : node === part.host ||
          [before.get(node) ?? [], places.of(node), end.of(node)].some((on) => on.includes(part.host));
    const changes = described.flatMap(({ event: { eventId }, nodes, text }) =>
      nodes.some(concerns) ? [{ event: eventId, text }] : [],
    );
    const moves = tacitMoves(commit, described, before, places.of).flatMap(({ node, hosts, event, text }) =>
      ("node" in part ? node === part.node : hosts.includes(part.host)) ? [{ event, text }] : [],
    );
    const all = [...changes, ...moves];
    return all.length === 0 ? [] : [{ commit, changes: all }];
  });
};
