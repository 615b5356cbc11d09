import { lazy, type ReactNode, Suspense, useCallback, useMemo, useState } from "react";
import { elementsOf, type Key, textOf } from "../../../designer/draft.ts";
import { type Issue, issuesByKey, issuesOf } from "../../../designer/issues.ts";
import { useDomain } from "../../data/domain.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { AddDialog } from "./add-dialog.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";
import classes from "./designer.module.css";
import type { Editor } from "./editor.ts";
import { ElementForm, focusForm } from "./element-form.tsx";
import { copy, type KeyActions, keyList, paste, undoKeys } from "./keys.ts";
import { Outline } from "./outline.tsx";
import { ProblemList } from "./problem-list.tsx";
import { useSettled } from "./settled.ts";

const JsonView = lazy(() => import("./json-view.tsx"));
const Canvas = lazy(() => import("./canvas.tsx"));

/** How the middle of the designer shows the graph. */
export const views = ["canvas", "json"] as const;
export type View = (typeof views)[number];
const viewNames = { canvas: "Canvas", json: "JSON" } as const;

/** What validation and the reviewers' rules say of the draft, as one types. */
export const useIssues = ({
  draft,
}: Editor): { readonly issues: ReadonlyArray<Issue>; readonly isChecking: boolean } => {
  const settled = useSettled(draft, 120);
  const problems = useDomain("validate", settled);
  const findings = useDomain("findings", settled);
  const issues = useMemo(() => issuesOf(draft, problems ?? [], findings ?? []), [draft, problems, findings]);
  return { issues, isChecking: problems === undefined || settled !== draft };
};

/**
 * Designs a graph: outline, JSON, forms and problems of one draft, always in step. Whoever shows it keeps the draft
 * ({@link useEditor}), and saves it.
 */
export const Designer = ({
  editor,
  issues,
  isChecking,
  view,
  onView,
  onSave,
}: {
  readonly editor: Editor;
  readonly issues: ReadonlyArray<Issue>;
  readonly isChecking: boolean;
  readonly view: View;
  readonly onView: (view: View) => void;
  readonly onSave: () => void;
}) => {
  const [open, setOpen] = useState<"add" | "connect" | "help">();
  const byKey = useMemo(() => issuesByKey(issues), [issues]);
  const { draft, current, isReadOnly } = editor;
  const actions: KeyActions = useMemo(
    () => ({
      openForm: focusForm,
      add: () => setOpen("add"),
      connect: () => setOpen("connect"),
      help: () => setOpen("help"),
    }),
    [],
  );
  const close = useCallback(() => setOpen(undefined), []);
  const from = textOf(current === undefined ? undefined : elementsOf(draft).get(current)?.fields.id);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: keys that hold for everything inside.
    <div
      className={classes.designer}
      onKeyDown={(event) => {
        undoKeys(event, editor);
        if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s") {
          event.preventDefault();
          onSave();
        }
      }}
      onCopy={(event) => copy(event, editor)}
      onCut={(event) => copy(event, editor, !isReadOnly)}
      onPaste={(event) => paste(event, editor)}
    >
      <section className={classes.left} aria-label="Outline of the graph">
        <div className={classes.tools}>
          {!isReadOnly && (
            <>
              <Button onClick={actions.add}>+ Add</Button>
              <Button onClick={actions.connect} disabled={from === ""}>
                Connect
              </Button>
              <Button onClick={editor.remove} disabled={editor.selection.length === 0}>
                Delete
              </Button>
            </>
          )}
          <Button kind="quiet" onClick={actions.help} label="Keys of the designer">
            ?
          </Button>
        </div>
        <Outline editor={editor} issues={byKey} actions={actions} />
      </section>
      <div className={classes.middle}>
        <div className={classes.room}>
          <Suspense fallback={<div aria-busy="true" />}>
            <Middle view={view} editor={editor} byKey={byKey} actions={actions} onView={onView} />
          </Suspense>
        </div>
        <section className={classes.problems} aria-label="Problems and findings">
          <h2>Problems and findings</h2>
          <ProblemList editor={editor} issues={issues} isChecking={isChecking} />
        </section>
      </div>
      <aside className={classes.right} aria-label="What is selected">
        <ElementForm editor={editor} />
      </aside>
      {open === "add" && !isReadOnly && <AddDialog editor={editor} onClose={close} />}
      {open === "connect" && !isReadOnly && from !== "" && (
        <ConnectDialog editor={editor} from={from} onClose={close} />
      )}
      {open === "help" && <Keys onClose={close} />}
    </div>
  );
};

/** The graph as a picture or as JSON. */
const Middle = ({
  view,
  editor,
  byKey,
  actions,
  onView,
}: {
  readonly view: View;
  readonly editor: Editor;
  readonly byKey: ReadonlyMap<Key, ReadonlyArray<Issue>>;
  readonly actions: KeyActions;
  readonly onView: (view: View) => void;
}): ReactNode => (
  <div className={classes.views}>
    <div role="group" aria-label="Show the graph as" className={classes.tools}>
      {views.map((name) => (
        <Button key={name} pressed={view === name} onClick={() => onView(name)}>
          {viewNames[name]}
        </Button>
      ))}
    </div>
    {view === "json" ? <JsonView editor={editor} /> : <Canvas editor={editor} issues={byKey} actions={actions} />}
  </div>
);

const Keys = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog isOpen onClose={onClose} title="Keys of the designer">
    <p>In the outline and on the canvas. In a form they are letters.</p>
    <dl className={classes.keys}>
      {keyList.map(([keys, what]) => (
        <div key={keys}>
          <dt>
            <kbd>{keys}</kbd>
          </dt>
          <dd>{what}</dd>
        </div>
      ))}
    </dl>
  </Dialog>
);
