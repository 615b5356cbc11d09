import {
  applyNodeChanges,
  Background,
  Controls,
  type Edge,
  type EdgeChange,
  type NodeChange,
  ReactFlow,
  type ReactFlowProps,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import {
  type DragEvent,
  type KeyboardEvent,
  type RefObject,
  useCallback,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { type NodeType, nodeTypeNames } from "../../../../domain/graph/types.ts";
import { elementsOf, type Key, nodeKey } from "../../../designer/draft.ts";
import { openTo, type Way } from "../../../designer/firewall.ts";
import type { Marks } from "../../../designer/issues.ts";
import { type Box, isInside, nearest, type Place } from "../../../designer/layout.ts";
import { movedTo, withNode } from "../../../designer/parts.ts";
import type { Region } from "../../../designer/region.ts";
import { ArrangementBar, useArrangement } from "./arrangement.tsx";
import classes from "./canvas.module.css";
import { edgesOf, pathsOf } from "./canvas-edges.ts";
import { boxId, type FlowNode, kept, keyOfNode, nodesOf } from "./canvas-model.ts";
import { nodeTypes, PlacesContext } from "./canvas-nodes.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";
import type { Editor } from "./editor.ts";
import { focusForm } from "./element-form.tsx";
import { directions, type KeyActions, pressed } from "./keys.ts";
import { PartBar, usePart } from "./part-bar.tsx";

interface CanvasOptions {
  readonly editor: Editor;
  readonly marks: Marks;
  readonly actions: KeyActions;
  /** The part of a large graph that is drawn; undefined if all of it is. */
  readonly region: Region | undefined;
  readonly onRegion: (region: Region) => void;
  /** The ways through the firewalls, if they are drawn and not the edges. */
  readonly ways: ReadonlyArray<Way> | undefined;
}

/** The kind of data that a node type is while it is dragged onto the canvas. */
const dragged = "application/x-cim-node-type";

/** The graph as a picture: hosts as boxes by wave, nodes inside, edges between. Drawn by mouse or by keys. */
export const Canvas = (options: CanvasOptions) => (
  <ReactFlowProvider>
    <Picture {...options} />
  </ReactFlowProvider>
);

const Picture = ({ editor, marks, actions, region, onRegion, ways }: CanvasOptions) => {
  const { draft, selection, current, isReadOnly, select } = editor;
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const part = usePart(draft, region);
  const { layout } = part;
  const arranged = useArrangement(editor);
  const { moved, move } = arranged;
  const [joined, setJoined] = useState<{ readonly from: string; readonly to: string }>();
  const open = useMemo(() => openTo(ways ?? []), [ways]);
  const wanted = useKept(
    useMemo(
      () => nodesOf(draft, layout, moved, { selection: new Set(selection), marks, open }, !isReadOnly),
      [draft, layout, moved, selection, marks, open, isReadOnly],
    ),
  );
  const edges = useKept(
    useMemo(
      () =>
        ways === undefined
          ? edgesOf(draft, layout, new Set(selection), marks)
          : pathsOf(ways, layout, new Set(selection)),
      [draft, layout, selection, marks, ways],
    ),
  );
  // What is dragged is somewhere else until it is dropped.
  const [nodes, setNodes] = useState(wanted);
  useEffect(() => setNodes(wanted), [wanted]);

  const choose = useCallback(
    (changes: ReadonlyArray<{ readonly key: Key; readonly selected: boolean }>) => {
      const off = new Set(changes.filter((change) => !change.selected).map(({ key }) => key));
      const on = changes.filter((change) => change.selected).map(({ key }) => key);
      select([...selection.filter((key) => !off.has(key) && !on.includes(key)), ...new Set(on)]);
    },
    [select, selection],
  );
  const onNodesChange = (changes: Array<NodeChange<FlowNode>>) => {
    const chosen = changes.filter((change) => change.type === "select");
    if (chosen.length > 0) choose(chosen.map(({ id, selected }) => ({ key: keyOfNode(id), selected })));
    const others = changes.filter(({ type }) => type !== "select" && type !== "remove");
    if (others.length > 0) setNodes((before) => applyNodeChanges(others, before));
  };
  const onEdgesChange = (changes: Array<EdgeChange>) => {
    const chosen = changes.filter((change) => change.type === "select");
    if (chosen.length > 0) choose(chosen.map(({ id, selected }) => ({ key: id, selected })));
  };

  /** The box under a point, as the boxes stand now. */
  const boxAt = (point: { readonly x: number; readonly y: number }): Box | undefined =>
    layout.boxes.find((box) => isInside(point, { ...box, ...moved.get(boxId(box.host)) }));
  const onDrop = (node: FlowNode, event: { readonly clientX: number; readonly clientY: number }) => {
    if (node.type === "box") return move(node.id, node.position);
    const host = boxAt(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }))?.host;
    const { node: id, host: from } = node.data;
    if (host !== undefined && id !== undefined && host !== from)
      editor.edit((before) => movedTo(before, id, from, host));
    // It stands where the layout puts it, on whichever host.
    setNodes(wanted);
  };
  const dropType = (event: DragEvent) => {
    const type = nodeTypeNames.find((name) => name === event.dataTransfer.getData(dragged));
    if (type === undefined || isReadOnly) return;
    event.preventDefault();
    const host = boxAt(flow.screenToFlowPosition({ x: event.clientX, y: event.clientY }))?.host;
    editor.add((before) => withNode(before, type, host));
  };

  const focusOn = useCallback(
    (id: string, place: Place) => {
      const { x, y, zoom } = flow.getViewport();
      const { width = 0, height = 0 } = frame.current?.getBoundingClientRect() ?? {};
      const [left, top] = [place.x * zoom + x, place.y * zoom + y];
      const isInSight =
        left >= 0 && top >= 0 && left + place.width * zoom <= width && top + place.height * zoom <= height;
      if (!isInSight) void flow.setCenter(place.x + place.width / 2, place.y + place.height / 2, { zoom });
      setTimeout(() => frame.current?.querySelector<HTMLElement>(`[data-spot="${CSS.escape(id)}"]`)?.focus(), 30);
    },
    [flow],
  );
  const placesNow = () => {
    const boxes = new Map(nodes.filter(({ type }) => type === "box").map(({ id, position }) => [id, position]));
    return nodes.map(({ id, type, parentId = "", position, width = 0, height = 0 }) => {
      const { x, y } = boxes.get(parentId) ?? { x: 0, y: 0 };
      return { id, isBox: type === "box", x: position.x + x, y: position.y + y, width, height };
    });
  };
  const press = (event: KeyboardEvent) => {
    if (pressed(event, editor, actions)) return;
    const direction = directions[event.key];
    if (direction === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const places = placesNow();
    const here = places.find(({ id }) => keyOfNode(id) === current) ?? places.find(({ isBox }) => !isBox) ?? places[0];
    if (here === undefined) return;
    // Boxes are reached from their nodes only if nothing else lies there, and by the outline.
    const next =
      current === undefined
        ? here
        : (nearest(
            places.filter(({ isBox, id }) => !isBox && id !== here.id),
            here,
            direction,
          ) ??
          nearest(
            places.filter(({ id }) => id !== here.id),
            here,
            direction,
          ));
    if (next === undefined) return;
    const key = keyOfNode(next.id);
    select(event.shiftKey ? [...selection.filter((one) => one !== key), key] : [key]);
    focusOn(next.id, next);
  };

  const tabStop =
    nodes.find(({ data: { node, host } }) => nodeKey(node ?? host ?? "") === current)?.id ??
    nodes.find(({ type }) => type === "spot")?.id;
  const newest = useRef<Handlers>(undefined);
  useEffect(() => {
    newest.current = {
      onNodesChange,
      onEdgesChange,
      onNodeDragStop: (event, node) =>
        onDrop(node, "clientX" in event ? event : (event.touches[0] ?? { clientX: 0, clientY: 0 })),
      onConnect: ({ source, target }) => {
        const [from, to] = [keyOfNode(source), keyOfNode(target)].map((key) =>
          String(elementsOf(draft).get(key)?.fields.id ?? ""),
        );
        if (from !== undefined && to !== undefined && from !== to) setJoined({ from, to });
      },
    };
  });
  const picture = useMemo(
    () => <Flow nodes={nodes} edges={edges} mayChange={!isReadOnly} newest={newest} />,
    [nodes, edges, isReadOnly],
  );
  return (
    <div className={classes.canvas}>
      <div>
        {region !== undefined && (
          <PartBar editor={editor} region={region} part={part} onOverview={actions.overview} onRegion={onRegion} />
        )}
        {!isReadOnly && (
          <Palette
            onAdd={(type) =>
              editor.add((before) => withNode(before, type, region?.kind === "host" ? region.host : undefined))
            }
          />
        )}
      </div>
      <div
        ref={frame}
        className={classes.frame}
        role="application"
        aria-label="Canvas: arrow keys go from node to node, the question mark lists all keys"
        onKeyDown={press}
        onDrop={dropType}
        onDragOver={(event) => event.dataTransfer.types.includes(dragged) && event.preventDefault()}
      >
        <PlacesContext value={tabStop ?? nodes[0]?.id}>{picture}</PlacesContext>
      </div>
      <ArrangementBar arranged={arranged} mayShare={!isReadOnly} />
      {joined !== undefined && (
        <ConnectDialog editor={editor} from={joined.from} to={joined.to} onClose={() => setJoined(undefined)} />
      )}
    </div>
  );
};

type Handlers = Required<
  Pick<ReactFlowProps<FlowNode>, "onNodesChange" | "onEdgesChange" | "onNodeDragStop" | "onConnect">
>;

const controlKeys = ["Control", "Meta"];
const fitting = { maxZoom: 1, padding: 0.08 };
const withoutName = { hideAttribution: true };

/**
 * The picture itself. Whatever is given to the library and is another value than before goes into its store, and every
 * node looks there then. So all but nodes and edges stays the same, and the handlers do what they should do now.
 */
const Flow = ({
  nodes,
  edges,
  mayChange,
  newest,
}: {
  readonly nodes: Array<FlowNode>;
  readonly edges: Array<Edge>;
  readonly mayChange: boolean;
  readonly newest: RefObject<Handlers | undefined>;
}) => {
  const handlers = useMemo(
    (): Handlers => ({
      onNodesChange: (changes) => newest.current?.onNodesChange(changes),
      onEdgesChange: (changes) => newest.current?.onEdgesChange(changes),
      onNodeDragStop: (event, node, all) => newest.current?.onNodeDragStop(event, node, all),
      onConnect: (connection) => newest.current?.onConnect(connection),
    }),
    [newest],
  );
  return (
    <ReactFlow
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      {...handlers}
      onNodeDoubleClick={focusForm}
      nodesDraggable={mayChange}
      nodesConnectable={mayChange}
      nodesFocusable={false}
      edgesFocusable={false}
      disableKeyboardA11y
      deleteKeyCode={null}
      selectionKeyCode="Shift"
      multiSelectionKeyCode={controlKeys}
      zoomOnDoubleClick={false}
      panOnScroll
      onlyRenderVisibleElements={nodes.length > 150}
      minZoom={0.05}
      maxZoom={2}
      fitView
      fitViewOptions={fitting}
      proOptions={withoutName}
    >
      <Background gap={20} size={1} />
      <Controls showInteractive={false} />
    </ReactFlow>
  );
};

/** The list that was given last, with what looks as before being the very value of before. */
const useKept = <T extends { readonly id: string }>(next: ReadonlyArray<T>): Array<T> => {
  const before = useRef<Array<T>>([]);
  const now = useMemo(() => kept(before.current, next), [next]);
  useEffect(() => {
    before.current = now;
  }, [now]);
  return now;
};

/** The types of nodes, to be dragged onto a host. `A` does the same by keys. */
const Palette = ({ onAdd }: { readonly onAdd: (type: NodeType) => void }) => (
  <ul className={classes.palette} aria-label="Drag onto a host, or click">
    {nodeTypeNames.map((type) => (
      <li key={type}>
        <button
          type="button"
          draggable
          className={classes.chip}
          onDragStart={(event) => event.dataTransfer.setData(dragged, type)}
          onClick={() => onAdd(type)}
        >
          + {type}
        </button>
      </li>
    ))}
  </ul>
);

export default Canvas;
