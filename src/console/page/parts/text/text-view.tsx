import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { visibleJson } from "../../../../domain/kernel/visible.ts";
import { readOnly } from "./code-mirror.ts";
import classes from "./text-view.module.css";

/** Lines around a change that are shown, and the lines without a change that are worth folding. */
const fold = { margin: 3, minSize: 8 };

/**
 * A text; with `before`, what became of that: lines that went have a minus, lines that came a plus. Comes with CodeMirror,
 * so it is loaded when it is first shown.
 */
const TextView = ({
  label,
  text,
  before,
  isWhole = false,
}: {
  readonly label: string;
  readonly text: string;
  readonly before?: string | undefined;
  /** Also the lines that have not changed. */
  readonly isWhole?: boolean;
}) => {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (place.current === null) return;
    const merged =
      before === undefined
        ? []
        : unifiedMergeView({
            original: visibleJson(before),
            mergeControls: false,
            syntaxHighlightDeletions: false,
            ...(isWhole ? {} : { collapseUnchanged: fold }),
          });
    const view = new EditorView({
      parent: place.current,
      state: EditorState.create({ doc: visibleJson(text), extensions: [readOnly(label), merged] }),
    });
    return () => view.destroy();
  }, [label, text, before, isWhole]);
  return <div ref={place} className={classes.text} />;
};

export default TextView;
