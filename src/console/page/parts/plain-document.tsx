import type { ViewName } from "../../../contract/views/mod.ts";
import { useDocument } from "../data/documents.ts";
import { Badge } from "../design/badge.tsx";
import { Code } from "../design/code.tsx";
import { Empty } from "../design/empty.tsx";
import { PageHead } from "../design/page-head.tsx";

/** The views whose documents have a page with an id in its address. */
export type PlainView = Extract<
  ViewName,
  "graphs" | "deployments" | "dialogs" | "proposals" | "hosts" | "agents" | "tasks" | "knowledge"
>;

/** Returns a page that shows a document of a view by its fields. */
export const plainDocument = (view: PlainView) => {
  const PlainDocument = ({ id }: { readonly id: string }) => {
    const known = useDocument(view, id);
    if (known.state === "loading") return <div aria-busy="true" />;
    if (known.state === "missing") return <Empty title={`There is no ${id} in ${view}`} />;
    const { document } = known;
    return (
      <>
        <PageHead title={id}>{"status" in document && <Badge state={document.status} />}</PageHead>
        <Code text={JSON.stringify(document, null, 2)} label="Copy the document" />
      </>
    );
  };
  return PlainDocument;
};
