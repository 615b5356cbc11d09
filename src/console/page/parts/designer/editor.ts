import type { Schema } from "effect";
import { useCallback, useMemo, useState } from "react";
import { type Draft, elementsOf, type Key, keyAfter, type Path, withField } from "../../../designer/draft.ts";
import { begin, type Editing, edited, redone, selected, undone } from "../../../designer/history.ts";
import { type Added, type Part, partOf, without, withPart } from "../../../designer/parts.ts";

/** What the views of a draft share: the one state, and what one can do to it. */
export interface Editor {
  readonly draft: Draft;
  readonly selection: ReadonlyArray<Key>;
  /** The key of the one whose form is open. */
  readonly current: Key | undefined;
  readonly isReadOnly: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Makes another draft of the present one. Edits of one `step` are undone together. */
  readonly edit: (change: (draft: Draft) => Draft, step?: string) => void;
  /** Adds something, and selects it. */
  readonly add: (change: (draft: Draft) => Added) => void;
  readonly setField: (key: Key, path: Path, value: Schema.Json | undefined) => void;
  readonly select: (keys: ReadonlyArray<Key>) => void;
  /** Selects one, or takes it out of the selection. */
  readonly toggle: (key: Key) => void;
  readonly remove: () => void;
  readonly copied: () => Part;
  readonly paste: (part: Part) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  /** Begins again with another draft: nothing before it can come back. */
  readonly restart: (draft: Draft) => void;
}

/** Keeps a draft that is edited. `isReadOnly` lets everything be read, and nothing be changed. */
export const useEditor = (initial: Draft, isReadOnly: boolean): Editor => {
  const [state, setState] = useState<Editing>(() => begin(initial));
  const change = useCallback(
    (next: (state: Editing) => Editing) => {
      if (!isReadOnly) setState(next);
    },
    [isReadOnly],
  );
  const actions = useMemo(
    () => ({
      edit: (make: (draft: Draft) => Draft, step?: string) =>
        change((before) => edited(before, make(before.draft), step === undefined ? {} : { step })),
      add: (make: (draft: Draft) => Added) =>
        change((before) => {
          const { draft, keys } = make(before.draft);
          return edited(before, draft, { selection: keys });
        }),
      setField: (key: Key, path: Path, value: Schema.Json | undefined) =>
        change((before) => {
          const element = elementsOf(before.draft).get(key);
          if (element === undefined) return before;
          const draft = withField(before.draft, key, path, value);
          // Its key may change with what one types: the selection goes with it.
          const selection = before.selection.map((one) => keyAfter(before.draft, draft, one));
          return edited(before, draft, { step: [element.kind, element.index, ...path].join("."), selection });
        }),
      select: (keys: ReadonlyArray<Key>) => setState((before) => selected(before, keys)),
      toggle: (key: Key) =>
        setState((before) => {
          const others = before.selection.filter((one) => one !== key);
          return selected(before, others.length < before.selection.length ? others : [...others, key]);
        }),
      remove: () => change((before) => edited(before, without(before.draft, before.selection), { selection: [] })),
      paste: (part: Part) =>
        change((before) => {
          const { draft, keys } = withPart(before.draft, part);
          return edited(before, draft, { selection: keys });
        }),
      undo: () => change(undone),
      redo: () => change(redone),
      restart: (draft: Draft) => setState(begin(draft)),
    }),
    [change],
  );
  const { draft, selection, past, future } = state;
  return useMemo(
    () => ({
      ...actions,
      draft,
      selection,
      current: selection.at(-1),
      isReadOnly,
      canUndo: past.length > 0,
      canRedo: future.length > 0,
      copied: () => partOf(draft, selection),
    }),
    [actions, draft, selection, past, future, isReadOnly],
  );
};
