import type { DocumentOf, InputOf, ViewName } from "../../../contract/views/mod.ts";
import { useAt } from "./at.ts";
import { type Known, useDocument } from "./documents.ts";
import { useQuery } from "./query.ts";

/** Views whose operation `get` answers with the document itself. */
type Gettable = Exclude<ViewName, "graphs">;

/** One document of a view: live, or as it was at the moment that one has travelled to. */
export const useDocumentAt = <V extends Gettable>(view: V, id: string): Known<DocumentOf<V>> => {
  const at = useAt();
  const live = useDocument(view, id);
  const then = useQuery(view, "get", { id } as InputOf<V, "get">, { enabled: at !== undefined });
  if (at === undefined) return live;
  // `get` of these views answers with the document.
  if (then.data !== undefined) return { state: "there", document: then.data as DocumentOf<V> };
  return { state: then.isLoading ? "loading" : "missing" };
};
