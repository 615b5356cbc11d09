import { useMemo } from "react";
import type { Draft } from "../../../designer/draft.ts";
import { type Layout, layoutOf, layoutOfPart } from "../../../designer/layout.ts";
import { mostDrawn, nodesIn, type Region, regionName } from "../../../designer/region.ts";
import { Button } from "../../design/button.tsx";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import { currentNode } from "./keys.ts";
import classes from "./part-bar.module.css";

/** A part of a graph, as it is drawn. */
export interface DrawnPart {
  readonly layout: Layout;
  readonly nodes: ReadonlySet<string>;
  /** How many nodes of the region are left out because the canvas would be too full. */
  readonly left: number;
}

/** Where the nodes of a region are drawn; all of the graph without one. */
export const usePart = (draft: Draft, region: Region | undefined): DrawnPart =>
  useMemo(() => {
    if (region === undefined) return { layout: layoutOf(draft), nodes: new Set<string>(), left: 0 };
    const all = nodesIn(draft, region);
    const nodes = new Set(all.slice(0, mostDrawn));
    return { layout: layoutOfPart(draft, (node) => nodes.has(node)), nodes, left: all.length - nodes.size };
  }, [draft, region]);

/** Which part of the graph the canvas shows, and the way back to the whole. */
export const PartBar = ({
  editor,
  region,
  part: { nodes, left },
  onOverview,
  onRegion,
}: {
  readonly editor: Editor;
  readonly region: Region;
  readonly part: DrawnPart;
  readonly onOverview: () => void;
  readonly onRegion: (region: Region) => void;
}) => {
  const node = currentNode(editor);
  return (
    <div className={classes.bar}>
      <Button onClick={onOverview}>← Overview</Button>
      <span>
        <b>
          <TextOf text={regionName(region)} />
        </b>{" "}
        <span className={classes.quiet}>
          {nodes.size === 0
            ? "has no node: choose another part"
            : `${nodes.size} of ${editor.draft.nodes.length} nodes`}
          {left > 0 && `; ${left} more of it are left out: choose a host of it to see them`}
        </span>
      </span>
      {node !== undefined && !nodes.has(node) && (
        <span className={classes.aside}>
          <TextOf text={node} /> is elsewhere.
          <Button onClick={() => onRegion({ kind: "around", node })}>Draw what is around it</Button>
        </span>
      )}
    </div>
  );
};
