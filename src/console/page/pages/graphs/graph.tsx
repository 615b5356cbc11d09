import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { useAt } from "../../data/at.ts";
import { useDocument } from "../../data/documents.tsx";
import { useQuery } from "../../data/query.ts";
import { useSession } from "../../data/session.tsx";
import { useRefusal } from "../../data/standing.tsx";
import { Badge } from "../../design/badge.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { To } from "../../design/to.tsx";
import { Designer, useIssues } from "../../parts/designer/designer.tsx";
import { drawn } from "../../parts/designer/drawn.ts";
import { useEditor } from "../../parts/designer/editor.ts";
import { Design } from "./design.tsx";
import classes from "./graph.module.css";

/** A graph: designed as it is now; read as it was at a version, or at a moment that one has travelled to. */
const Graph = ({ id }: { readonly id: string }) => {
  const at = useAt();
  const version = useSearchParams()[0].get("version");
  return at !== undefined || version !== null ? (
    <Past id={id} version={version === null ? undefined : Number(version)} />
  ) : (
    <Present id={id} />
  );
};

const Present = ({ id }: { readonly id: string }) => {
  const known = useDocument("graphs", id);
  const { principal } = useSession();
  const refusal = useRefusal("graph.import", "make");
  const document = known.state === "there" ? known.document : undefined;
  const live = useMemo(() => (document === undefined ? { id, nodes: [], edges: [] } : drawn(document)), [document, id]);
  if (known.state === "loading") return <div aria-busy="true" />;
  if (document === undefined && refusal !== undefined)
    return refusal === "unknown" ? (
      <div aria-busy="true" />
    ) : (
      <Empty title={`There is no graph ${id}`}>To begin one is {refusal.because}.</Empty>
    );
  const mayChange = document === undefined || document.owner === principal || document.editors.includes(principal);
  return <Design key={mayChange ? "mine" : "theirs"} live={live} document={document} isReadOnly={!mayChange} />;
};

const Past = ({ id, version }: { readonly id: string; readonly version: number | undefined }) => {
  const { data, error } = useQuery("graphs", "get", version === undefined ? { id } : { id, version });
  if (error !== undefined) return <Failure error={error} />;
  if (data === undefined) return <div aria-busy="true" />;
  if (data === null) return <Empty title={`There was no graph ${id} then`} />;
  return <AsItWas key={data.version} id={id} data={data} />;
};

const AsItWas = ({
  id,
  data,
}: {
  readonly id: string;
  readonly data: Parameters<typeof drawn>[0] & { readonly version: number };
}) => {
  const editor = useEditor(
    useMemo(() => drawn(data), [data]),
    true,
  );
  const checked = useIssues(editor);
  return (
    <div className={classes.page}>
      <PageHead title={id} actions={<To href={`/graphs/${id}`}>To the newest version</To>}>
        <Badge state={`version ${data.version}`} tone="quiet" />
        <span className={classes.hint}>Read only: this is how it was.</span>
      </PageHead>
      <Designer editor={editor} checked={checked} onSave={() => undefined} />
    </div>
  );
};

export default Graph;
