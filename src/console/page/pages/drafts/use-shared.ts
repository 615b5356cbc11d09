import type { Schema } from "effect";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import * as Y from "yjs";
import { isSameJson } from "../../../../domain/kernel/mod.ts";
import { type Draft, elementsOf, type Key, keyAfter, type Path, withField } from "../../../designer/draft.ts";
import { type Added, type Part, partOf, without, withPart } from "../../../designer/parts.ts";
import { beginShared, draftIn, undoOf, versionIn, writeDraft } from "../../../designer/shared-draft.ts";
import { api, sharing, store } from "../../data/client.ts";
import { useSession } from "../../data/session.tsx";
import type { Editor } from "../../parts/designer/editor.ts";
import { keepDraft } from "./kept.ts";
import { Peers, type Person } from "./shared.ts";

/** A draft as several people edit it. */
export interface SharedDraft {
  readonly editor: Editor;
  /** The version of the graph that it stands against. */
  readonly version: number;
  /** The others who have it open. */
  readonly people: ReadonlyArray<Person>;
  /** A change was too large for one message: the others do not have it. */
  readonly isTooLarge: boolean;
  /** Makes it another draft, against another version. */
  readonly rebase: (draft: Draft, version: number) => void;
}

interface Shown {
  readonly draft: Draft;
  readonly version: number;
  readonly selection: ReadonlyArray<Key>;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** Milliseconds after which a change is kept in this browser. */
const soon = 500;

/** Opens a draft: as it began, with what this browser has kept of it, in step with the pages of others. */
export const useShared = (
  id: string,
  {
    beginning,
    version,
    kept,
  }: { readonly beginning: Draft; readonly version: number; readonly kept: Uint8Array | undefined },
  isReadOnly: boolean,
): SharedDraft => {
  const session = useSession();
  const graph = beginning.id;
  const [{ doc, undo }] = useState(() => {
    const made = beginShared(beginning, version);
    if (kept !== undefined) Y.applyUpdate(made, kept, "kept");
    return { doc: made, undo: undoOf(made) };
  });
  const [shown, setShown] = useState<Shown>(() => ({
    draft: draftIn(doc, graph),
    version: versionIn(doc),
    selection: [],
    canUndo: false,
    canRedo: false,
  }));
  const [people, setPeople] = useState<ReadonlyArray<Person>>([]);
  const [isTooLarge, setTooLarge] = useState(false);
  const peers = useRef<Peers>(undefined);
  const latest = useRef(shown);
  const lastStep = useRef<string>(undefined);

  /** Shows what the document says. What was written here stays the very value that was written. */
  const show = useCallback(
    (written?: Draft, selection?: ReadonlyArray<Key>) => {
      const before = latest.current;
      const read = draftIn(doc, graph);
      const draft = [written, before.draft].find((one) => one !== undefined && isSameJson(one, read)) ?? read;
      const elements = elementsOf(draft);
      const present = (selection ?? before.selection).filter((key) => elements.has(key));
      latest.current = {
        draft,
        version: versionIn(doc),
        selection: present,
        canUndo: undo.canUndo(),
        canRedo: undo.canRedo(),
      };
      setShown(latest.current);
    },
    [doc, undo, graph],
  );

  useEffect(() => {
    const made = new Peers({
      doc,
      draft: id,
      page: crypto.randomUUID(),
      tell: (message) => api.tellDraft(id, message),
      onPeople: setPeople,
      onTooLarge: () => setTooLarge(true),
    });
    peers.current = made;
    const unfollow = sharing.follow(`drafts/${id}`);
    const deaf = store.hearDrafts((talk) => made.hear(talk));
    let timer: ReturnType<typeof setTimeout> | undefined;
    const keep = () => {
      const state = Y.encodeStateAsUpdate(doc);
      const changedAt = new Date().toISOString();
      // A browser without room keeps nothing: the draft lives as long as a page has it open.
      keepDraft(session, { id, graph, version: versionIn(doc), changedAt, state }).catch(() => undefined);
    };
    const changed = (_: Uint8Array, origin: unknown) => {
      if (origin !== "here" && origin !== undo) show();
      clearTimeout(timer);
      timer = setTimeout(keep, soon);
    };
    doc.on("update", changed);
    // What others did before the stream was open is asked for as soon as it is.
    let wasLive = false;
    const look = () => {
      const isLive = store.liveness.stream === "live" && store.isFollowed(`drafts/${id}`);
      if (isLive && !wasLive) made.ask();
      wasLive = isLive;
    };
    const unsubscribe = store.subscribe(look);
    look();
    return () => {
      doc.off("update", changed);
      clearTimeout(timer);
      keep();
      unsubscribe();
      deaf();
      unfollow();
      made.close();
      peers.current = undefined;
    };
  }, [doc, undo, id, graph, session, show]);

  const actions = useMemo(() => {
    const write = (draft: Draft, selection?: ReadonlyArray<Key>, step?: string) => {
      if (isReadOnly) return;
      if (step === undefined || step !== lastStep.current) undo.stopCapturing();
      lastStep.current = step;
      writeDraft(doc, draft);
      show(draft, selection);
    };
    const select = (keys: ReadonlyArray<Key>) => {
      latest.current = { ...latest.current, selection: keys };
      setShown(latest.current);
      peers.current?.select(keys.at(-1) ?? "");
    };
    return {
      edit: (make: (draft: Draft) => Draft, step?: string) => write(make(latest.current.draft), undefined, step),
      add: (make: (draft: Draft) => Added) => {
        const { draft, keys } = make(latest.current.draft);
        write(draft, keys);
      },
      setField: (key: Key, path: Path, value: Schema.Json | undefined) => {
        const { draft: before, selection } = latest.current;
        const element = elementsOf(before).get(key);
        if (element === undefined) return;
        const draft = withField(before, key, path, value);
        write(
          draft,
          selection.map((one) => keyAfter(before, draft, one)),
          [element.kind, element.index, ...path].join("."),
        );
      },
      select,
      toggle: (key: Key) => {
        const { selection } = latest.current;
        const rest = selection.filter((one) => one !== key);
        select(rest.length < selection.length ? rest : [...rest, key]);
      },
      remove: () => write(without(latest.current.draft, latest.current.selection), []),
      paste: (part: Part) => {
        const { draft, keys } = withPart(latest.current.draft, part);
        write(draft, keys);
      },
      undo: () => {
        if (!isReadOnly) undo.undo();
        show();
      },
      redo: () => {
        if (!isReadOnly) undo.redo();
        show();
      },
      restart: (draft: Draft) => write(draft, []),
    };
  }, [doc, undo, show, isReadOnly]);

  const rebase = useCallback(
    (draft: Draft, next: number) => {
      undo.stopCapturing();
      writeDraft(doc, draft, next);
      show(draft);
    },
    [doc, undo, show],
  );

  const { draft, selection, canUndo, canRedo } = shown;
  const editor = useMemo(
    (): Editor => ({
      ...actions,
      draft,
      selection,
      current: selection.at(-1),
      isReadOnly,
      canUndo,
      canRedo,
      copied: () => partOf(draft, selection),
    }),
    [actions, draft, selection, canUndo, canRedo, isReadOnly],
  );
  return { editor, version: shown.version, people, isTooLarge, rebase };
};
