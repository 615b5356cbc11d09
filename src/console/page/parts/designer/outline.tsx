import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from "react";
import { type Draft, elementsOf, type Key } from "../../../designer/draft.ts";
import type { Issue, Marks } from "../../../designer/issues.ts";
import { detailOf, type Row, rowsOf } from "../../../designer/rows.ts";
import { TextOf } from "../../design/text-of.tsx";
import { Cursor } from "./cursor.tsx";
import type { Editor } from "./editor.ts";
import { type KeyActions, pressed } from "./keys.ts";
import { Mark } from "./mark.tsx";
import classes from "./outline.module.css";

const rowHeight = 28;

/** The graph as a tree of lines: hosts, their nodes, and the edges of each. Everything can be done from here. */
export const Outline = ({
  editor,
  draft,
  marks,
  actions,
}: {
  readonly editor: Editor;
  /** The draft that is shown: a large one is a little behind that of the editor. */
  readonly draft: Draft;
  readonly marks: Marks;
  readonly actions: KeyActions;
}) => {
  const { current, selection } = editor;
  const [turned, setTurned] = useState<ReadonlySet<Key>>(new Set());
  const rows = useMemo(() => rowsOf(draft, turned), [draft, turned]);
  const [at, setAt] = useState<Key>();
  const index = useMemo(
    () =>
      Math.max(
        0,
        rows.findIndex(({ key }) => key === (at ?? current)),
      ),
    [rows, at, current],
  );
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    getItemKey: (place) => rows[place]?.key ?? place,
    overscan: 15,
  });

  // What was selected elsewhere comes into sight here.
  useEffect(() => {
    if (current !== undefined) setAt(current);
  }, [current]);
  const row = rows[index];
  useEffect(() => {
    if (row !== undefined && row.key === current) virtual.scrollToIndex(index);
  }, [row, current, index, virtual]);

  const turn = (key: Key) => {
    const next = new Set(turned);
    if (!next.delete(key)) next.add(key);
    setTurned(next);
  };
  const focusAt = (place: number) => {
    virtual.scrollToIndex(place);
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-index="${place}"]`)?.focus());
  };
  const go = (place: number, extend: boolean) => {
    const next = rows[Math.min(Math.max(0, place), rows.length - 1)];
    if (next === undefined) return;
    setAt(next.key);
    const isElement = elementsOf(draft).has(next.key);
    if (isElement) editor.select(extend ? [...selection.filter((key) => key !== next.key), next.key] : [next.key]);
    else if (!extend) editor.select([]);
    focusAt(rows.indexOf(next));
  };
  const press = (event: KeyboardEvent) => {
    if (pressed(event, editor, actions) || row === undefined || event.ctrlKey || event.metaKey) return;
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: rows.length - 1,
    };
    const wanted = steps[event.key];
    if (wanted !== undefined) go(wanted, event.shiftKey);
    else if (event.key === "ArrowRight" && row.isOpen === false) turn(row.key);
    else if (event.key === "ArrowRight" && row.isOpen === true) go(index + 1, false);
    else if (event.key === "ArrowLeft" && row.isOpen === true) turn(row.key);
    else if (event.key === "ArrowLeft" && row.parent !== undefined)
      go(
        rows.findIndex(({ key }) => key === row.parent),
        false,
      );
    else if (event.key === " ") editor.toggle(row.key);
    else return;
    event.preventDefault();
  };

  return (
    <div
      ref={scroller}
      className={classes.outline}
      role="treegrid"
      aria-label="Outline"
      aria-rowcount={rows.length}
      aria-multiselectable
      onKeyDown={press}
    >
      <div role="rowgroup" className={classes.body} style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index: place, start, key }) => {
          const shown = rows[place];
          if (shown === undefined) return null;
          return (
            <Line
              key={key}
              row={shown}
              detail={detailOf(draft, shown)}
              place={place}
              start={start}
              isSelected={selection.includes(shown.key)}
              isCurrent={place === index}
              severity={marks.get(shown.key)}
              onTurn={() => turn(shown.key)}
              onChoose={(more) => {
                setAt(shown.key);
                if (!elementsOf(draft).has(shown.key)) turn(shown.key);
                else if (more) editor.toggle(shown.key);
                else editor.select([shown.key]);
              }}
            />
          );
        })}
      </div>
    </div>
  );
};

const Line = ({
  row: { key: own, level, kind, name, isOpen },
  detail,
  place,
  start,
  isSelected,
  isCurrent,
  severity,
  onTurn,
  onChoose,
}: {
  readonly row: Row;
  readonly detail: string;
  readonly place: number;
  readonly start: number;
  readonly isSelected: boolean;
  readonly isCurrent: boolean;
  readonly severity: Issue["severity"] | undefined;
  readonly onTurn: () => void;
  readonly onChoose: (more: boolean) => void;
}) => (
  // biome-ignore lint/a11y/useKeyWithClickEvents: the tree grid around it has the keyboard.
  <div
    role="row"
    aria-level={level}
    aria-rowindex={place + 1}
    aria-selected={isSelected}
    aria-expanded={isOpen}
    data-index={place}
    tabIndex={isCurrent ? 0 : -1}
    className={isSelected ? `${classes.row} ${classes.selected}` : classes.row}
    style={{ transform: `translateY(${start}px)`, paddingLeft: 6 + (level - 1) * 16 }}
    onClick={(event) => onChoose(event.ctrlKey || event.metaKey || event.shiftKey)}
  >
    <div role="gridcell" className={classes.name}>
      <span
        aria-hidden="true"
        className={classes.turn}
        onClick={(event) => {
          if (isOpen === undefined) return;
          event.stopPropagation();
          onTurn();
        }}
      >
        {isOpen === undefined ? "" : isOpen ? "▾" : "▸"}
      </span>
      <span className={kind === "edge" ? classes.edge : undefined}>
        <TextOf text={name} />
      </span>{" "}
      <span className={classes.detail}>
        <TextOf text={detail} />
      </span>
    </div>
    <div role="gridcell" className={classes.marks}>
      <Cursor at={own} />
      {severity !== undefined && <Mark severity={severity} />}
    </div>
  </div>
);
