import {
  lazy,
  type ReactNode,
  Suspense,
  useCallback,
  useDeferredValue,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { elementsOf, textOf } from "../../../designer/draft.ts";
import type { Checked, Issues, Marks } from "../../../designer/issues.ts";
import { type Region, regionText } from "../../../designer/region.ts";
import { useAnswer } from "../../data/domain.ts";
import { Button } from "../../design/button.tsx";
import { Dialog } from "../../design/dialog.tsx";
import { AddDialog } from "./add-dialog.tsx";
import { ConnectDialog } from "./connect-dialog.tsx";
import classes from "./designer.module.css";
import type { Editor } from "./editor.ts";
import { ElementForm, focusForm } from "./element-form.tsx";
import { FirewallList, useFirewall } from "./firewall.tsx";
import { copy, type KeyActions, keyList, paste, undoKeys } from "./keys.ts";
import { Outline } from "./outline.tsx";
import { ProblemList } from "./problem-list.tsx";
import { useSettled } from "./settled.ts";
import { type Shown, useView, views } from "./use-view.ts";

const JsonView = lazy(() => import("./json-view.tsx"));
const Canvas = lazy(() => import("./canvas.tsx"));
const Overview = lazy(() => import("./overview/mod.tsx"));

const viewNames = { overview: "Overview", canvas: "Canvas", json: "JSON" } as const;

const nothingYet: Checked = { issues: [], count: 0, errors: 0, marks: new Map() };

/** What validation and the reviewers' rules say of the draft, as one types. */
export const useIssues = ({ draft }: Editor): Issues => {
  const answer = useAnswer("check", useSettled(draft, 120));
  const found = useSame(answer?.value ?? nothingYet);
  const isChecking = answer?.given[0] !== draft;
  return useMemo(() => ({ ...found, isChecking }), [found, isChecking]);
};

const hasSameMarks = ({ marks: some }: Checked, { marks: others }: Checked): boolean =>
  some.size === others.size && [...some].every(([key, severity]) => others.get(key) === severity);

/** What was found, with the very marks of before if they are the same: canvas and overview draw other marks again. */
const useSame = (next: Checked): Checked => {
  const before = useRef(next);
  const same = useMemo(
    () => (hasSameMarks(before.current, next) ? { ...next, marks: before.current.marks } : next),
    [next],
  );
  useEffect(() => {
    before.current = same;
  }, [same]);
  return same;
};

/**
 * Designs a graph: outline, JSON, forms and problems of one draft, always in step. Whoever shows it keeps the draft
 * ({@link useEditor}), and saves it.
 */
export const Designer = ({
  editor,
  checked,
  onSave,
}: {
  readonly editor: Editor;
  readonly checked: Issues;
  readonly onSave: () => void;
}) => {
  const [open, setOpen] = useState<"add" | "connect" | "help">();
  const { marks } = checked;
  const { draft, current, isReadOnly } = editor;
  const shown = useView(draft);
  const { show } = shown;
  // What one types into is drawn first, and the outline of a large graph after it.
  const outlined = useDeferredValue(draft);
  const actions: KeyActions = useMemo(
    () => ({
      openForm: focusForm,
      add: () => setOpen("add"),
      connect: () => setOpen("connect"),
      help: () => setOpen("help"),
      overview: () => show("overview"),
      editAround: (node) => show("canvas", { kind: "around", node }),
    }),
    [show],
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
        <Outline editor={editor} draft={outlined} marks={marks} actions={actions} />
      </section>
      <div className={classes.middle}>
        <div className={classes.room}>
          <Suspense fallback={<div aria-busy="true" />}>
            <Middle shown={shown} editor={editor} marks={marks} actions={actions} />
          </Suspense>
        </div>
        <section className={classes.problems} aria-label="Problems and findings">
          <h2>Problems and findings</h2>
          <ProblemList edit={editor.edit} select={editor.select} isReadOnly={isReadOnly} checked={checked} />
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
  shown: { view, region, show, hasFirewall, toggleFirewall },
  editor,
  marks,
  actions,
}: {
  readonly shown: Shown;
  readonly editor: Editor;
  readonly marks: Marks;
  readonly actions: KeyActions;
}): ReactNode => {
  const firewall = useFirewall(editor.draft, hasFirewall && view !== "json");
  const common = { editor, marks, actions, ways: firewall?.ways, onRegion: (next: Region) => show("canvas", next) };
  return (
    <div className={classes.views}>
      <div className={classes.tools}>
        <div role="group" aria-label="Show the graph as" className={classes.tools}>
          {views.map((name) => (
            <Button key={name} pressed={view === name} onClick={() => show(name)}>
              {viewNames[name]}
            </Button>
          ))}
        </div>
        {view !== "json" && (
          <Button pressed={hasFirewall} onClick={toggleFirewall}>
            Firewall paths
          </Button>
        )}
      </div>
      {view === "json" && <JsonView editor={editor} />}
      {view === "canvas" && <Canvas key={region === undefined ? "" : regionText(region)} {...common} region={region} />}
      {view === "overview" && <Overview {...common} />}
      {firewall !== undefined && <FirewallList firewall={firewall} editor={editor} />}
    </div>
  );
};

const Keys = ({ onClose }: { readonly onClose: () => void }) => (
  <Dialog isOpen onClose={onClose} title="Keys of the designer">
    <p>In the outline, the overview and on the canvas. In a form they are letters.</p>
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
