import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { defined, isSameJson } from "../../../../domain/kernel/mod.ts";
import { type Draft, textOf } from "../../../designer/draft.ts";
import { useCommand } from "../../data/command.ts";
import { inWorker, useDomain } from "../../data/domain.ts";
import { useSession } from "../../data/session.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { counted } from "../../design/counted.ts";
import { Failure } from "../../design/failure.tsx";
import { useAnnounce } from "../../design/live-region.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { Designer, useIssues } from "../../parts/designer/designer.tsx";
import { useEditor } from "../../parts/designer/editor.ts";
import { useSettled } from "../../parts/designer/settled.ts";
import { RequestDialog } from "../../parts/request/request-dialog.tsx";
import { ChangesDialog } from "./changes-dialog.tsx";
import classes from "./graph.module.css";
import { keptDraft, useKeepDraft } from "./kept-draft.ts";
import { SecretsDialog } from "./secrets-dialog.tsx";
import { SharingDialog } from "./sharing-dialog.tsx";
import { VersionsDialog } from "./versions-dialog.tsx";

type Open = "changes" | "request" | "sharing" | "versions" | undefined;

/** Designs a graph against the version that one began with, and saves it as the next one. */
export const Design = ({
  live,
  document,
  isReadOnly,
}: {
  /** The graph as the installation has it; empty if it has none of this name. */
  readonly live: Draft;
  readonly document: DocumentOf<"graphs"> | undefined;
  /** Whether the one who acts may only read it. */
  readonly isReadOnly: boolean;
}) => {
  const { id } = live;
  const session = useSession();
  const announce = useAnnounce();
  const liveVersion = document?.version ?? 0;
  const [kept] = useState(() => (isReadOnly ? undefined : keptDraft(session, id)));
  const [base, setBase] = useState(
    kept ? { version: kept.version, draft: kept.base } : { version: liveVersion, draft: live },
  );
  const editor = useEditor(base.draft, isReadOnly);
  const { draft, edit, restart } = editor;
  const isDirty = draft !== base.draft && !isSameJson(draft, base.draft);
  const [open, setOpen] = useState<Open>();
  const [doubtful, setDoubtful] = useState<ReadonlyArray<string>>();
  // A draft may have any fields. The backend reads it by the schema, and refuses by name what does not fit.
  const command = useCommand<"graph", string>("graph", "import");
  const checked = useIssues(editor);
  const changes = useDomain("changesBetween", base.draft, useSettled(draft, 200));

  // What one had not saved comes back as an edit, so that it can be taken back.
  const isRestored = useRef(false);
  useEffect(() => {
    if (kept === undefined || isRestored.current) return;
    isRestored.current = true;
    edit(() => kept.draft);
  }, [kept, edit]);
  useKeepDraft(
    session,
    id,
    useMemo(() => (isDirty ? { version: base.version, base: base.draft, draft } : undefined), [isDirty, base, draft]),
  );

  // A newer version is taken up at once if nothing of one's own would be lost.
  const isBehind = liveVersion > base.version;
  useEffect(() => {
    if (!isBehind || isDirty) return;
    setBase({ version: liveVersion, draft: live });
    restart(live);
  }, [isBehind, isDirty, liveVersion, live, restart]);

  const { give } = command;
  const save = useCallback(
    async (allowSecretLike?: ReadonlyArray<string>): Promise<number | undefined> => {
      if (isReadOnly) return undefined;
      const fields = allowSecretLike === undefined ? await inWorker("secretLike", base.draft, draft) : [];
      if (fields.length > 0) {
        setDoubtful(fields);
        return undefined;
      }
      setDoubtful(undefined);
      const payload = { ...draft, ...defined({ allowSecretLike }) };
      const accepted = await give(id, payload, { expectedVersion: base.version });
      if (accepted === undefined) return undefined;
      setBase({ version: accepted.version, draft });
      announce(`Saved as version ${accepted.version}`);
      return accepted.version;
    },
    [draft, base, isReadOnly, give, id, announce],
  );

  const { errors } = checked;
  useScreen(
    useMemo(
      () => ({
        commands: [
          { name: "Save the graph", run: () => void save() },
          { name: "Versions of the graph", run: () => setOpen("versions") },
          { name: "Who may change the graph", run: () => setOpen("sharing") },
          { name: "Request a deployment", run: () => setOpen("request") },
        ],
      }),
      [save],
    ),
  );
  const hosts = useMemo(
    () => draft.nodes.filter(({ type }) => type === "host").map((node) => textOf(node.id)),
    [draft.nodes],
  );
  const close = () => setOpen(undefined);
  return (
    <div className={classes.page}>
      <PageHead
        title={id}
        actions={
          <>
            {!isReadOnly && (
              <>
                <Button onClick={editor.undo} disabled={!editor.canUndo}>
                  Undo
                </Button>
                <Button onClick={editor.redo} disabled={!editor.canRedo}>
                  Redo
                </Button>
              </>
            )}
            {document !== undefined && (
              <>
                <Button onClick={() => setOpen("versions")}>Versions</Button>
                <Button onClick={() => setOpen("sharing")}>Share</Button>
                <Button onClick={() => setOpen("request")}>Request deployment</Button>
              </>
            )}
            {!isReadOnly && (
              <Button kind="main" busy={command.isPending} disabled={!isDirty} onClick={() => void save()}>
                Save
              </Button>
            )}
          </>
        }
      >
        <Badge state={document === undefined ? "new" : `version ${base.version}`} tone="quiet" />
        {document?.archived === true && <Badge state="archived" />}
        {errors > 0 && <Badge state="error">{counted(errors, "error")}</Badge>}
        {isDirty && (
          <Button kind="quiet" onClick={() => setOpen("changes")}>
            {changes === undefined ? "unsaved" : counted(changes.length, "unsaved change")}
          </Button>
        )}
        {isBehind && isDirty && (
          <Button kind="quiet" onClick={() => setOpen("changes")}>
            <Badge state="behind" tone="warn">
              live is version {liveVersion}
            </Badge>
          </Button>
        )}
        {document !== undefined && (
          <span className={classes.hint}>
            {isReadOnly ? `of ${document.owner}, who can share it with you` : `of ${document.owner}`} ·{" "}
            <To href={`/plan/${id}`}>plan</To>
          </span>
        )}
      </PageHead>
      {command.error !== undefined && <Failure error={command.error} />}
      <Designer editor={editor} checked={checked} onSave={() => void save()} />
      {open === "changes" && (
        <ChangesDialog
          base={base}
          live={isBehind ? { version: liveVersion, draft: live } : undefined}
          changes={changes}
          onRebase={() => {
            setBase({ version: liveVersion, draft: live });
            close();
          }}
          onDrop={() => {
            setBase({ version: liveVersion, draft: live });
            restart(live);
            close();
          }}
          onClose={close}
        />
      )}
      {open === "versions" && (
        <VersionsDialog id={id} onTake={isReadOnly ? undefined : (old) => edit(() => old)} onClose={close} />
      )}
      {open === "sharing" && document !== undefined && <SharingDialog document={document} onClose={close} />}
      {open === "request" && document !== undefined && (
        <RequestDialog
          graph={id}
          version={base.version}
          hosts={hosts}
          errors={errors}
          save={isDirty ? save : undefined}
          onClose={close}
        />
      )}
      {doubtful !== undefined && (
        <SecretsDialog fields={doubtful} onAllow={() => void save(doubtful)} onClose={() => setDoubtful(undefined)} />
      )}
    </div>
  );
};
