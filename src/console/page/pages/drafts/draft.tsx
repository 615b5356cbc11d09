import { useEffect, useMemo, useState } from "react";
import { beginningOf } from "../../../designer/shared-draft.ts";
import { useAt } from "../../data/at.ts";
import { useDocument } from "../../data/documents.tsx";
import { useQuery } from "../../data/query.ts";
import { useSession } from "../../data/session.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { drawn } from "../../parts/designer/drawn.ts";
import { type KeptDraft, keptDraft } from "./kept.ts";
import { Together } from "./together.tsx";

/** A draft of a graph, which several people edit at the same moment. */
const DraftPage = ({ id }: { readonly id: string }) => {
  const from = beginningOf(id);
  const isPast = useAt() !== undefined;
  if (isPast)
    return <Empty title="A draft has no past">Nothing of a draft is in the log: go back to now to work on it.</Empty>;
  if (from === undefined)
    return (
      <Empty title={`${id} is not the name of a draft`}>Begin one under Drafts, or open the address of one.</Empty>
    );
  return <Opened id={id} graph={from.graph} version={from.version} />;
};

const Opened = ({ id, graph, version }: { readonly id: string; readonly graph: string; readonly version: number }) => {
  const session = useSession();
  const beginning = useQuery("graphs", "get", { id: graph, version });
  const live = useDocument("graphs", graph);
  const [kept, setKept] = useState<KeptDraft | "none">();
  useEffect(() => {
    keptDraft(session, id).then(
      (found) => setKept(found ?? "none"),
      () => setKept("none"),
    );
  }, [session, id]);
  const began = useMemo(() => beginning.data && drawn(beginning.data), [beginning.data]);
  if (beginning.error !== undefined) return <Failure error={beginning.error} />;
  if (live.state === "missing") return <Empty title={`There is no graph ${graph}`} />;
  if (began === undefined || kept === undefined || live.state !== "there") return <div aria-busy="true" />;
  const opened = { beginning: began, version, kept: kept === "none" ? undefined : kept.state };
  return <Together key={id} id={id} opened={opened} document={live.document} />;
};

export default DraftPage;
