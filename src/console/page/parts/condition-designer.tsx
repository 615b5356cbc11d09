import { useMemo } from "react";
import type { GraphChange } from "../../../domain/graph/contract.ts";
import type { Draft } from "../../designer/draft.ts";
import { useDomain } from "../data/domain.ts";
import { useQuery } from "../data/query.ts";
import { Button } from "../design/button.tsx";
import { Dialog } from "../design/dialog.tsx";
import { Failure } from "../design/failure.tsx";
import classes from "./ballot.module.css";
import { Changes } from "./conditions.tsx";
import { Designer, useIssues } from "./designer/designer.tsx";
import { drawn } from "./designer/drawn.ts";
import { useEditor } from "./designer/editor.ts";
import { useSettled } from "./designer/settled.ts";

interface Taken {
  /** Takes the changes as a condition of the ballot. */
  readonly onTake: (changes: ReadonlyArray<GraphChange>) => void;
}

const Designed = ({ base, onTake }: Taken & { readonly base: Draft }) => {
  const editor = useEditor(base, false);
  const checked = useIssues(editor);
  const settled = useSettled(editor.draft, 200);
  const changes = useDomain("graphChanges", base, settled);
  const hasErrors = checked.issues.some(({ severity }) => severity === "error");
  const isReady = changes !== undefined && changes.length > 0 && settled === editor.draft && !hasErrors;
  const take = () => {
    if (isReady) onTake(changes);
  };
  return (
    <>
      <div className={classes.taken}>
        <div>
          {changes === undefined || changes.length === 0 ? (
            <p className={classes.quiet}>Change the graph as your approval wants it. Nothing is saved.</p>
          ) : (
            <Changes changes={changes} />
          )}
        </div>
        <Button kind="main" disabled={!isReady} onClick={take}>
          Take these changes as a condition
        </Button>
      </div>
      <Designer editor={editor} checked={checked} onSave={take} />
    </>
  );
};

/** Designs what an approval depends on: the graph that is voted on, changed. */
const ConditionDesigner = ({
  graph,
  version,
  onTake,
  onClose,
}: Taken & { readonly graph: string; readonly version: number; readonly onClose: () => void }) => {
  const { data, error } = useQuery("graphs", "get", { id: graph, version });
  const base = useMemo(() => data && drawn(data), [data]);
  return (
    <Dialog isOpen isWide onClose={onClose} title={`Only if ${graph}, version ${version}, is changed like this`}>
      {error !== undefined && <Failure error={error} />}
      {base !== undefined && <Designed base={base} onTake={onTake} />}
    </Dialog>
  );
};

export default ConditionDesigner;
