import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { bracketMatching, defaultHighlightStyle, foldGutter, syntaxHighlighting } from "@codemirror/language";
import { searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useContext, useEffect, useRef, useState } from "react";
import { type Draft, draftOf } from "../../../designer/draft.ts";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import { jsonCursors, showOthers } from "./json-cursors.ts";
import classes from "./json-view.module.css";
import { OthersContext } from "./others.ts";

const jsonText = ({ id, description, nodes, edges }: Draft): string =>
  `${JSON.stringify({ id, description, nodes, edges }, null, 2)}\n`;

/** Reads a text as a draft, or says why it is none. */
const read = (id: string, text: string): { readonly draft: Draft } | { readonly fault: string } => {
  try {
    return draftOf(id, JSON.parse(text));
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) };
  }
};

/** Milliseconds of typing that are one step of undo. */
const stepLength = 2_000;

/** The styles of CodeMirror are ours by the nonce of the page: the Content-Security-Policy allows no others. */
const nonce = (): string =>
  document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ??
  document.querySelector<HTMLElement>("script[nonce], style[nonce], link[nonce]")?.nonce ??
  "";

/**
 * The graph as JSON. What one types is the graph as soon as it is one. Until then it says what is wrong, and the graph stays
 * as it was.
 */
export const JsonView = ({ editor }: { readonly editor: Editor }) => {
  const { draft, edit, isReadOnly } = editor;
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const [fault, setFault] = useState<string>();
  /** The draft that the text says. */
  const said = useRef<Draft>(draft);
  const latest = useRef(editor);
  useEffect(() => {
    latest.current = editor;
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; the effect below keeps it in step.
  useEffect(() => {
    if (place.current === null) return;
    const undoKey = (action: "undo" | "redo") => () => {
      latest.current[action]();
      return true;
    };
    const made = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: jsonText(draft),
        extensions: [
          EditorView.cspNonce.of(nonce()),
          lineNumbers(),
          foldGutter(),
          bracketMatching(),
          jsonCursors,
          json(),
          syntaxHighlighting(defaultHighlightStyle),
          EditorState.readOnly.of(isReadOnly),
          EditorView.contentAttributes.of({ "aria-label": "The graph as JSON", tabindex: "0" }),
          keymap.of([
            { key: "Mod-z", run: undoKey("undo") },
            { key: "Mod-Shift-z", run: undoKey("redo") },
            { key: "Mod-y", run: undoKey("redo") },
            // Escape leaves the editor: Tab indents here.
            {
              key: "Escape",
              run: ({ contentDOM }) => {
                contentDOM.blur();
                return true;
              },
            },
            indentWithTab,
            ...searchKeymap,
            ...defaultKeymap,
          ]),
          EditorView.updateListener.of(({ docChanged, state, transactions }) => {
            if (!docChanged || transactions.some((one) => one.isUserEvent("sync"))) return;
            const found = read(latest.current.draft.id, state.doc.toString());
            if ("fault" in found) return setFault(found.fault);
            setFault(undefined);
            said.current = found.draft;
            edit(() => found.draft, `json ${Math.floor(Date.now() / stepLength)}`);
          }),
        ],
      }),
    });
    view.current = made;
    said.current = draft;
    return () => made.destroy();
  }, [isReadOnly]);

  // What was changed elsewhere is in the text at once; what one types here stays as one types it.
  useEffect(() => {
    if (view.current === undefined || said.current === draft) return;
    said.current = draft;
    setFault(undefined);
    const { state } = view.current;
    const [before, after] = [state.doc.toString(), jsonText(draft)];
    let from = 0;
    while (from < before.length && before[from] === after[from]) from += 1;
    let end = 0;
    const most = Math.min(before.length, after.length) - from;
    while (end < most && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
    view.current.dispatch({
      changes: { from, to: before.length - end, insert: after.slice(from, after.length - end) },
      userEvent: "sync",
    });
  }, [draft]);

  // Whom it shows changes with what they select, and with the text.
  const others = useContext(OthersContext);
  useEffect(() => {
    view.current?.dispatch({ effects: showOthers.of({ others, draft }) });
  }, [others, draft]);

  return (
    <div className={classes.view}>
      <div ref={place} className={classes.editor} />
      <p role="status" className={fault === undefined ? classes.well : classes.fault}>
        {fault === undefined ? (
          "✓ In step with outline, canvas and forms. Escape leaves the text."
        ) : (
          <>
            ✕ Not a graph yet: <TextOf text={fault} />
          </>
        )}
      </p>
    </div>
  );
};

export default JsonView;
