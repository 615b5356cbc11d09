import type { ClipboardEvent, KeyboardEvent } from "react";
import { draftOf, elementsOf, textOf } from "../../../designer/draft.ts";
import type { Direction } from "../../../designer/layout.ts";
import type { Part } from "../../../designer/parts.ts";
import type { Editor } from "./editor.ts";

/** What keys do on outline and canvas, for the list that `?` opens. */
export const keyList: ReadonlyArray<readonly [keys: string, what: string]> = [
  ["↑ ↓ ← →", "to the next one"],
  ["Shift with an arrow", "selects that one too"],
  ["Enter", "opens the form"],
  ["E", "draws the selected node with what is around it on the canvas"],
  ["O", "shows the overview; + and - go nearer and farther there, 0 shows all of it"],
  ["A", "adds a node"],
  ["C", "connects the selected node with another"],
  ["Delete", "deletes what is selected"],
  ["Ctrl A", "selects everything"],
  ["Ctrl C, Ctrl X, Ctrl V", "copies, cuts and pastes a part, also into another graph"],
  ["Ctrl Z, Ctrl Shift Z", "takes the last edit back, and makes it again"],
  ["Ctrl S", "saves"],
  ["Escape", "selects nothing"],
];

/** Where arrow keys lead. */
export const directions: Readonly<Record<string, Direction>> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/** What keys open. */
export interface KeyActions {
  readonly openForm: () => void;
  readonly add: () => void;
  readonly connect: () => void;
  readonly help: () => void;
  readonly overview: () => void;
  readonly editAround: (node: string) => void;
}

const isTyped = (target: EventTarget): boolean =>
  target instanceof HTMLElement && target.closest("input, select, textarea, [contenteditable='true']") !== null;

/** The name of the node whose form is open, or of that at which the edge begins whose form it is. */
export const currentNode = ({ draft, current }: Editor): string | undefined => {
  const element = current === undefined ? undefined : elementsOf(draft).get(current);
  const name = textOf(element?.kind === "edge" ? element.fields.from : element?.fields.id);
  return name === "" ? undefined : name;
};

/** The names of the nodes that are selected, and of the nodes at which selected edges begin and end. */
export const namesOf = ({ draft, selection }: Editor): ReadonlySet<string> => {
  const elements = elementsOf(draft);
  return new Set(
    selection.flatMap((key) => {
      const element = elements.get(key);
      if (element === undefined) return [];
      const { id, from, to } = element.fields;
      return element.kind === "node" ? [textOf(id)] : [textOf(from), textOf(to)];
    }),
  );
};

/** The keys that outline and canvas share. Arrow keys are their own. Returns whether the key meant something. */
export const pressed = (event: KeyboardEvent, editor: Editor, actions: KeyActions): boolean => {
  const { key, ctrlKey, metaKey, altKey } = event;
  if (altKey || isTyped(event.target)) return false;
  const run = (action: () => void): true => {
    event.preventDefault();
    action();
    return true;
  };
  if (ctrlKey || metaKey)
    return key.toLowerCase() === "a" ? run(() => editor.select([...elementsOf(editor.draft).keys()])) : false;
  switch (key) {
    case "Enter":
      return run(actions.openForm);
    case "Escape":
      return run(() => editor.select([]));
    case "?":
      return run(actions.help);
    case "o":
      return run(actions.overview);
    case "e": {
      const node = currentNode(editor);
      return node !== undefined && run(() => actions.editAround(node));
    }
  }
  if (editor.isReadOnly) return false;
  switch (key) {
    case "Delete":
    case "Backspace":
      return run(editor.remove);
    case "a":
      return run(actions.add);
    case "c":
      return run(actions.connect);
    default:
      return false;
  }
};

/** Undo and redo, wherever in the designer one types. */
export const undoKeys = (event: KeyboardEvent, { undo, redo }: Editor): void => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
};

/** Puts what is selected into the clipboard, as JSON that one can also paste into a file. */
export const copy = (event: ClipboardEvent, editor: Editor, isCut = false): void => {
  if (isTyped(event.target) || editor.selection.length === 0) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", JSON.stringify(editor.copied(), null, 2));
  if (isCut) editor.remove();
};

/** The nodes and edges in a text; undefined if it has none. */
const partIn = (text: string): Part | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const read = draftOf("part", { nodes: [], edges: [], ...value, id: "part" });
    return "draft" in read ? read.draft : undefined;
  } catch {
    return undefined;
  }
};

/** Adds what the clipboard has: a part of this graph, of another one, or of a file. */
export const paste = (event: ClipboardEvent, editor: Editor): void => {
  const part = isTyped(event.target) ? undefined : partIn(event.clipboardData.getData("text/plain"));
  if (part === undefined || editor.isReadOnly) return;
  event.preventDefault();
  editor.paste(part);
};
