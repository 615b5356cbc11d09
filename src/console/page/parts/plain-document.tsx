import type { ViewName } from "../../../contract/views/mod.ts";
import { WithDocument } from "../data/documents.tsx";
import { Badge } from "../design/badge.tsx";
import { Code } from "../design/code.tsx";
import { PageHead } from "../design/page-head.tsx";

/** The views whose documents have a page with an id in its address. */
export type PlainView = Extract<
  ViewName,
  "graphs" | "deployments" | "dialogs" | "proposals" | "hosts" | "agents" | "tasks" | "knowledge"
>;

/** Returns a page that shows a document of a view by its fields. */
export const plainDocument = (view: PlainView) => {
  const PlainDocument = ({ id }: { readonly id: string }) => (
    <WithDocument view={view} id={id} thing="document">
      {(document) => (
        <>
          <PageHead title={id}>{"status" in document && <Badge state={document.status} />}</PageHead>
          <Code text={JSON.stringify(document, null, 2)} label="Copy the document" />
        </>
      )}
    </WithDocument>
  );
  return PlainDocument;
};
