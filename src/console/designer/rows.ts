import { type Draft, elementsOf, type Fields, type Key, nodeKey, textOf } from "./draft.ts";
import { type Skeleton, skeletonOf } from "./skeleton.ts";

/** A line of the outline. */
export interface Row {
  /** The key of the node or edge; of the lines that are neither, a name of their own. */
  readonly key: Key;
  readonly level: 1 | 2 | 3;
  readonly kind: "node" | "edge" | "group";
  readonly name: string;
  /** What is worth saying of where it stands: its wave, its other hosts. */
  readonly note: string;
  /** Whether lines below belong to it, and whether they are shown; undefined if there are none. */
  readonly isOpen: boolean | undefined;
  readonly parent: Key | undefined;
}

/** The line over the nodes that run nowhere. */
export const homelessKey: Key = "group homeless";

const joined = (parts: ReadonlyArray<Fields[string] | undefined>, by: string): string =>
  parts.filter((part) => part !== undefined && part !== "").join(by);

/** What a line says beside its name. It is made for the lines in sight only. */
export const detailOf = (draft: Draft, { key, note }: Row): string => {
  const element = elementsOf(draft).get(key);
  if (element === undefined) return note;
  const { type, address, engine, size, protocol, topic, port } = element.fields;
  return element.kind === "edge"
    ? joined([type, protocol ?? topic, port], " ")
    : joined([type, address ?? engine ?? size, port, note], " · ");
};

/** Whether a line shows what belongs to it: hosts do at first, nodes do not. */
const isOpen = (level: number, key: Key, turned: ReadonlySet<Key>): boolean => (level === 1) !== turned.has(key);

const known = new WeakMap<Skeleton, { readonly turned: ReadonlySet<Key>; readonly rows: ReadonlyArray<Row> }>();

/**
 * The lines of the outline: hosts, the nodes on each, and the edges that begin at each. A node on several hosts stands
 * under the first. `turned` has the lines that are not as they are at first. Drafts of one shape have the same lines.
 */
export const rowsOf = (draft: Draft, turned: ReadonlySet<Key>): ReadonlyArray<Row> => {
  const skeleton = skeletonOf(draft);
  const found = known.get(skeleton);
  if (found?.turned === turned) return found.rows;
  const rows = rowsFrom(draft, turned);
  known.set(skeleton, { turned, rows });
  return rows;
};

const rowsFrom = (draft: Draft, turned: ReadonlySet<Key>): ReadonlyArray<Row> => {
  const { types, residents, placements, homeless, waves } = skeletonOf(draft);
  const elements = elementsOf(draft);
  const outgoing = Map.groupBy(
    [...elements.values()].filter(({ kind }) => kind === "edge"),
    ({ fields }) => textOf(fields.from),
  );
  const waveOf = new Map(waves.flatMap((wave, index) => wave.map((host) => [host, index + 1] as const)));
  const edgeRows = (id: string, level: 2 | 3): ReadonlyArray<Row> =>
    (outgoing.get(id) ?? []).map(({ key, fields }) => ({
      key,
      level,
      kind: "edge",
      name: `→ ${textOf(fields.to)}`,
      note: "",
      isOpen: undefined,
      parent: nodeKey(id),
    }));
  const nodeRows = (id: string, parent: Key | undefined): ReadonlyArray<Row> => {
    const key = nodeKey(id);
    const others = (placements.get(id) ?? []).slice(1);
    const edges = edgeRows(id, 3);
    const open = isOpen(2, key, turned);
    const row: Row = {
      key,
      level: 2,
      kind: "node",
      name: id,
      note: others.length === 0 ? "" : `also on ${others.join(", ")}`,
      isOpen: edges.length === 0 ? undefined : open,
      parent,
    };
    return open ? [row, ...edges] : [row];
  };
  const hostRows = [...residents].flatMap(([host, nodes]): ReadonlyArray<Row> => {
    const key = nodeKey(host);
    const inner = [
      ...edgeRows(host, 2),
      ...nodes.filter((id) => placements.get(id)?.[0] === host).flatMap((id) => nodeRows(id, key)),
    ];
    const open = isOpen(1, key, turned);
    const wave = waveOf.get(host);
    const row: Row = {
      key,
      level: 1,
      kind: "node",
      name: host,
      note: wave === undefined ? "" : `wave ${wave}`,
      isOpen: inner.length === 0 ? undefined : open,
      parent: undefined,
    };
    return open ? [row, ...inner] : [row];
  });
  // A second node of a name, a node without one, and an edge that begins nowhere stand nowhere else.
  const shown = new Set([...types.keys()].map(nodeKey));
  const lost = [...elements.values()]
    .filter(({ key, kind, fields }) => !shown.has(kind === "node" ? key : nodeKey(textOf(fields.from))))
    .map(
      ({ key, kind, fields }): Row => ({
        key,
        level: 2,
        kind,
        name: kind === "node" ? textOf(fields.id) || "without a name" : `${textOf(fields.from)} → ${textOf(fields.to)}`,
        note: "",
        isOpen: undefined,
        parent: homelessKey,
      }),
    );
  const inner = [...homeless.flatMap((id) => nodeRows(id, homelessKey)), ...lost];
  if (inner.length === 0) return hostRows;
  const open = isOpen(1, homelessKey, turned);
  const group: Row = {
    key: homelessKey,
    level: 1,
    kind: "group",
    name: "On no host",
    note: "",
    isOpen: open,
    parent: undefined,
  };
  return [...hostRows, group, ...(open ? inner : [])];
};
