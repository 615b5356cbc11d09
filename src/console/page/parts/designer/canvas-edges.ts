import { type Edge, MarkerType } from "@xyflow/react";
import { visible } from "../../../../domain/kernel/visible.ts";
import { type Draft, elementsOf, type Fields, type Key, nodeKey, textOf } from "../../../designer/draft.ts";
import { spotName, type Way } from "../../../designer/firewall.ts";
import type { Marks } from "../../../designer/issues.ts";
import { type Layout, spotSize } from "../../../designer/layout.ts";
import { boxId, handles, spotId } from "./canvas-model.ts";

const dashed: ReadonlySet<string> = new Set(["publishes-to", "subscribes-to", "data-flow", "monitors", "manages"]);

const nameOf = ({ type, protocol, topic, port, encrypted }: Fields): string =>
  [type, protocol ?? topic, port, encrypted === true ? "encrypted" : undefined]
    .filter((part) => part !== undefined)
    .join(" ");

/**
 * The edges as the canvas draws them. Where a node runs is not drawn: it stands in the box of its host. One that is
 * selected says what it is.
 */
export const edgesOf = (
  draft: Draft,
  { boxes, spots }: Layout,
  selection: ReadonlySet<Key>,
  marks: Marks,
): Array<Edge> => {
  const places = new Map([
    ...boxes.flatMap(({ host }) => (host === undefined ? [] : [[host, { id: boxId(host), host, y: -1 }] as const])),
    ...spots
      .filter(({ isFirst }) => isFirst)
      .map(({ node, host, y }) => [node, { id: spotId(host, node), host, y }] as const),
  ]);
  return [...elementsOf(draft).values()].flatMap(({ key, kind, fields }): ReadonlyArray<Edge> => {
    const [from, to, type] = [textOf(fields.from), textOf(fields.to), textOf(fields.type)];
    const [source, target] = [places.get(from), places.get(to)];
    if (kind !== "edge" || type === "runs-on" || source === undefined || target === undefined) return [];
    const isNear = selection.has(key) || selection.has(nodeKey(from)) || selection.has(nodeKey(to));
    const severity = marks.get(key);
    const isBad = severity === "error" || severity === "blocking";
    const isWithin = source.host === target.host && source.y >= 0 && target.y >= 0;
    // Past a node in between, an edge goes round it.
    const isDown = isWithin && source.y < target.y && target.y - source.y < 2 * spotSize.height;
    const end = isWithin ? handles.side : handles.left;
    return [
      {
        id: key,
        source: source.id,
        target: target.id,
        sourceHandle: isDown ? handles.bottom : handles.right,
        targetHandle: isDown ? handles.top : end,
        type: isWithin && !isDown ? "smoothstep" : "default",
        selected: selection.has(key),
        className: [dashed.has(type) ? "dashed" : "", isNear ? "near" : "", isBad ? "bad" : ""].join(" ").trim(),
        zIndex: isNear ? 3 : 1,
        markerEnd: { type: MarkerType.ArrowClosed },
        ...(selection.has(key) ? { label: visible(nameOf(fields)) } : {}),
      },
    ];
  });
};

/** The ways through the firewalls as the canvas draws them: from where somebody may come in to what is reached. */
export const pathsOf = (ways: ReadonlyArray<Way>, { spots }: Layout, selection: ReadonlySet<Key>): Array<Edge> => {
  const places = new Map(spots.map((spot) => [spotName(spot.host, spot.node), spot]));
  return ways.flatMap(({ key, from, to, ports }): ReadonlyArray<Edge> => {
    const source = from && places.get(spotName(from.host, from.node));
    const target = places.get(spotName(to.host, to.node));
    if (source === undefined || target === undefined) return [];
    const isNear = [source, target].some(
      ({ node, host }) => selection.has(nodeKey(node)) || selection.has(nodeKey(host ?? "")),
    );
    return [
      {
        id: `way ${key}`,
        source: spotId(source.host, source.node),
        target: spotId(target.host, target.node),
        sourceHandle: handles.right,
        targetHandle: handles.left,
        selectable: false,
        className: isNear ? "way near" : "way",
        zIndex: isNear ? 3 : 1,
        markerEnd: { type: MarkerType.ArrowClosed },
        label: ports.join(", "),
      },
    ];
  });
};
