import { useEffect, useSyncExternalStore } from "react";
import type { DocumentOf, ViewName } from "../../../contract/views/mod.ts";
import type { Liveness } from "../../client/mod.ts";
import { sharing, store } from "./client.ts";

/** Follows things of the stream as long as the component is shown: a view, `graphs/web-shop`, `feed/deployment`. */
export const useFollow = (...names: ReadonlyArray<string>): void => {
  const all = names.join(",");
  useEffect(() => {
    if (all === "") return;
    const ends = all.split(",").map((name) => sharing.follow(name));
    return () => {
      for (const end of ends) end();
    };
  }, [all]);
};

/** How live the page is. */
export const useLiveness = (): Liveness => useSyncExternalStore(store.subscribe, () => store.liveness);

/**
 * A document as it comes. `loading`: it is not known yet whether there is one. `missing`: there is none.
 */
export type Known<T> =
  | { readonly state: "loading" }
  | { readonly state: "missing" }
  | { readonly state: "there"; readonly document: T };

/** One document of a view, live: it is shown again whenever it changes. */
export const useDocument = <V extends ViewName>(view: V, id: string): Known<DocumentOf<V>> => {
  const name = `${view}/${id}`;
  useFollow(name);
  const document = useSyncExternalStore(store.subscribe, () => store.documents(view).get(id));
  const isKnown = useSyncExternalStore(store.subscribe, () => store.hasAllOf(name));
  if (document !== undefined) return { state: "there", document };
  return { state: isKnown ? "missing" : "loading" };
};

/**
 * Every document of a view, live. For views that stay small (agents, hosts, freezes); `useList` is for those that grow.
 */
export const useDocuments = <V extends ViewName>(
  view: V,
): { readonly documents: ReadonlyMap<string, DocumentOf<V>>; readonly isLoading: boolean } => {
  useFollow(view);
  const documents = useSyncExternalStore(store.subscribe, () => store.documents(view));
  const isKnown = useSyncExternalStore(store.subscribe, () => store.hasAllOf(view));
  return { documents, isLoading: !isKnown };
};
