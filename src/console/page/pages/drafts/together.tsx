import { useMemo, useState } from "react";
import { useLocation } from "wouter";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { isSameJson } from "../../../../domain/kernel/mod.ts";
import type { Draft } from "../../../designer/draft.ts";
import { useCommand } from "../../data/command.ts";
import { useDomain } from "../../data/domain.ts";
import { useQuery } from "../../data/query.ts";
import { useSession } from "../../data/session.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Copy } from "../../design/copy.tsx";
import { counted } from "../../design/counted.ts";
import { Failure } from "../../design/failure.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { asks } from "../../page.ts";
import { Designer, useIssues } from "../../parts/designer/designer.tsx";
import { drawn } from "../../parts/designer/drawn.ts";
import { OthersContext } from "../../parts/designer/others.ts";
import { useSettled } from "../../parts/designer/settled.ts";
import classes from "./drafts.module.css";
import { MergeDialog } from "./merge-dialog.tsx";
import type { Person } from "./shared.ts";
import { useShared } from "./use-shared.ts";

/** The others who have the draft open, and where they are in it. */
const People = ({ people }: { readonly people: ReadonlyArray<Person> }) => (
  <p className={classes.people} role="status">
    {people.length === 0 && (
      <span className={classes.quiet}>
        Nobody else has this draft open. What others have changed in it comes when they open it.
      </span>
    )}
    {people.map(({ page, principal, selected }) => (
      <span key={page}>
        <span aria-hidden="true">◌ </span>
        <TextOf text={principal} />
        <span className={classes.quiet}>
          {selected === "" ? " is here" : " is at "}
          {selected !== "" && <TextOf text={selected} />}
        </span>
      </span>
    ))}
  </p>
);

/** How the live graph has gone on since the version of a draft. */
const useAhead = (graph: string, version: number, liveVersion: number): number => {
  const { data } = useQuery("graphs", "versions", { id: graph, limit: 100 }, { refresh: ["graph"] });
  const known = (data?.items ?? []).filter((one) => one.version > version).length;
  return liveVersion > version ? Math.max(1, known) : 0;
};

/** Edits a draft together with others, takes in what was saved meanwhile, and makes it a version of the graph. */
export const Together = ({
  id,
  opened,
  document,
}: {
  readonly id: string;
  readonly opened: { readonly beginning: Draft; readonly version: number; readonly kept: Uint8Array | undefined };
  readonly document: DocumentOf<"graphs">;
}) => {
  const graph = document.id;
  const { principal } = useSession();
  const [, go] = useLocation();
  const shared = useShared(id, opened, false);
  const { editor, version, people } = shared;
  const { draft } = editor;
  const checked = useIssues(editor);
  const base = useQuery("graphs", "get", { id: graph, version });
  const before = useMemo(() => base.data && drawn(base.data), [base.data]);
  const changes = useDomain("changesBetween", before, useSettled(draft, 200));
  const ahead = useAhead(graph, version, document.version);
  const others = useMemo(() => {
    const named = new Map<string, ReadonlyArray<string>>();
    for (const { principal: name, selected } of people)
      if (selected !== "") named.set(selected, [...new Set([...(named.get(selected) ?? []), name])]);
    return named;
  }, [people]);
  const [isMerging, setMerging] = useState(false);
  // A draft may have any fields. The backend reads it by the schema, and refuses by name what does not fit.
  const command = useCommand<"graph", string>("graph", "import");
  const isDirty = before !== undefined && !isSameJson(draft, before);
  const mayChange = document.owner === principal || document.editors.includes(principal);
  const { errors } = checked;

  const save = async (): Promise<number | undefined> => {
    if (!isDirty) return version;
    const accepted = await command.give(graph, draft, { expectedVersion: version });
    if (accepted === undefined) return undefined;
    shared.rebase(draft, accepted.version);
    return accepted.version;
  };
  const plan = async () => {
    const saved = await save();
    if (saved !== undefined) go(`/plan/${graph}?version=${saved}`);
  };
  useScreen(
    useMemo(
      () => ({ cim: ["graph", "get", graph], request: asks("graphs", "get", { id: graph, version }) }),
      [graph, version],
    ),
  );
  return (
    <div className={classes.draft}>
      <PageHead
        title={`Draft of ${graph}`}
        actions={
          <>
            <Button onClick={editor.undo} disabled={!editor.canUndo}>
              Undo
            </Button>
            <Button onClick={editor.redo} disabled={!editor.canRedo}>
              Redo
            </Button>
            <Button disabled={!mayChange || ahead > 0} onClick={() => void plan()}>
              Save and plan its deployment
            </Button>
            <Button
              kind="main"
              busy={command.isPending}
              disabled={!isDirty || !mayChange || ahead > 0}
              onClick={() => void save()}
            >
              Make it the next version
            </Button>
          </>
        }
      >
        <Badge state="against" tone="quiet">
          against version {version}
        </Badge>
        {errors > 0 && <Badge state="error">{counted(errors, "error")}</Badge>}
        {isDirty && changes !== undefined && <span className={classes.quiet}>{counted(changes.length, "change")}</span>}
        {ahead > 0 && before !== undefined && (
          <>
            <Badge state="behind" tone="warn">
              {`live is ${counted(ahead, "version")} ahead`}
            </Badge>
            <Button onClick={() => setMerging(true)}>Take it in</Button>
          </>
        )}
        <span className={classes.quiet}>
          <To href={`/graphs/${graph}`}>the graph</To>
          {!mayChange && ` · of ${document.owner}, who can make it a version`}
        </span>
        <span>
          address <Copy text={`${location.origin}/drafts/${id}`} label="Copy the address of the draft" />
        </span>
      </PageHead>
      <People people={people} />
      <div>
        {command.error !== undefined && <Failure error={command.error} />}
        {shared.isTooLarge && (
          <Failure
            error={new Error("A change is too large to be sent to the others: make it a version, or smaller.")}
          />
        )}
      </div>
      <OthersContext value={others}>
        <Designer editor={editor} checked={checked} onSave={() => void save()} />
      </OthersContext>
      {isMerging && before !== undefined && (
        <MergeDialog
          base={before}
          live={{ version: document.version, draft: drawn(document) }}
          mine={draft}
          onMerge={(next) => {
            shared.rebase(next, document.version);
            setMerging(false);
          }}
          onClose={() => setMerging(false)}
        />
      )}
    </div>
  );
};
