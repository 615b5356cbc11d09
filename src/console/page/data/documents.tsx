import { Schema } from "effect";
import { type ReactNode, useMemo, useSyncExternalStore } from "react";
import type { DocumentOf, InputOf, ViewName } from "../../../contract/views/mod.ts";
import { AggregateId } from "../../../domain/kernel/mod.ts";
import { Refused } from "../../client/mod.ts";
import { Empty } from "../design/empty.tsx";
import { Failure } from "../design/failure.tsx";
import { useAt } from "./at.ts";
import { store } from "./client.ts";
import { useFollow } from "./follow.ts";
import { useQuery } from "./query.ts";

/**
 * A document as it comes. `loading`: it is not known yet whether there is one. `missing`: there is none. `failed`: the
 * installation does not say what was there at a moment of the past.
 */
export type Known<T> =
  | { readonly state: "loading" }
  | { readonly state: "missing" }
  | { readonly state: "failed"; readonly error: unknown }
  | { readonly state: "there"; readonly document: T };

const isNotFound = (error: unknown): boolean =>
  error instanceof Refused &&
  typeof error.details === "object" &&
  error.details !== null &&
  Reflect.get(error.details, "reason") === "not-found";

const isId = Schema.is(AggregateId);

/**
 * One document of a view, live; or as it was, at the moment of `?at=`. It is shown again whenever it changes. An address
 * may name something that cannot be an id: there is no such document, and the server would refuse the stream of all tabs.
 * Throws if the id is empty: no address has it, so a component has asked before it knew the id.
 */
export const useDocument = <V extends ViewName>(view: V, id: string): Known<DocumentOf<V>> => {
  if (id === "")
    throw new Error(`the id of a document of \`${view}\` is empty: show the component once the id is known`);
  const name = `${view}/${id}`;
  const canBe = isId(id);
  const isPast = useAt() !== undefined;
  useFollow(...(isPast || !canBe ? [] : [name]));
  const document = useSyncExternalStore(store.subscribe, () => store.documents(view).get(id));
  const isKnown = useSyncExternalStore(store.subscribe, () => store.hasAllOf(name));
  const past = useQuery(view, "get", { id } as InputOf<V, "get">, { enabled: isPast && canBe });
  return useMemo((): Known<DocumentOf<V>> => {
    if (!canBe) return { state: "missing" };
    if (!isPast) {
      if (document !== undefined) return { state: "there", document };
      return { state: isKnown ? "missing" : "loading" };
    }
    if (past.error !== undefined)
      return isNotFound(past.error) ? { state: "missing" } : { state: "failed", error: past.error };
    // `get` answers with the document, and perhaps more.
    return past.data === undefined ? { state: "loading" } : { state: "there", document: past.data as DocumentOf<V> };
  }, [canBe, isPast, document, isKnown, past.error, past.data]);
};

/** Shows a document, or that there is none. `thing` is what it is called: `host`. */
export const WithDocument = <V extends ViewName>({
  view,
  id,
  thing,
  children,
}: {
  readonly view: V;
  readonly id: string;
  readonly thing: string;
  readonly children: (document: DocumentOf<V>) => ReactNode;
}) => {
  const known = useDocument(view, id);
  const isPast = useAt() !== undefined;
  if (known.state === "there") return children(known.document);
  if (known.state === "failed") return <Failure error={known.error} />;
  if (known.state === "loading") return <div aria-busy="true" />;
  return <Empty title={isPast ? `There was no ${thing} ${id} then` : `There is no ${thing} ${id}`} />;
};

/**
 * Every document of a view, live; at a moment of the past the first thousand. For views that stay small (agents, hosts,
 * freezes); `useList` is for those that grow.
 */
export const useDocuments = <V extends ViewName>(
  view: V,
): { readonly documents: ReadonlyMap<string, DocumentOf<V>>; readonly isLoading: boolean } => {
  const isPast = useAt() !== undefined;
  useFollow(...(isPast ? [] : [view]));
  const live = useSyncExternalStore(store.subscribe, () => store.documents(view));
  const isKnown = useSyncExternalStore(store.subscribe, () => store.hasAllOf(view));
  const past = useQuery(view, "list", { limit: 1_000 } as InputOf<V, "list">, { enabled: isPast });
  return useMemo(() => {
    if (!isPast) return { documents: live, isLoading: !isKnown };
    const { items = [] } = (past.data ?? {}) as {
      readonly items?: ReadonlyArray<DocumentOf<V> & { readonly id: string }>;
    };
    return { documents: new Map(items.map((item) => [item.id, item])), isLoading: past.isLoading };
  }, [isPast, live, isKnown, past.data, past.isLoading]);
};
