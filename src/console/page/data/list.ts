import type { ItemOf, ViewName } from "../../../contract/views/mod.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { type Listed, usePages } from "./pages.ts";

type Of<V extends ViewName> = ItemOf<V> & { readonly id: string };

const asItIs = <T>(item: T): T => item;

/**
 * A list of a view, in pages of the server, what changed last first; live if `refresh` names the kinds of aggregates that
 * change it. At a moment of the past it is as it was.
 */
export const useList = <V extends ViewName>(
  view: V,
  { filter, refresh = [] }: { readonly filter?: object; readonly refresh?: ReadonlyArray<string> } = {},
): Listed<Of<V>> => usePages(view, "list", defined({ filter, order: "newest" }), asItIs<Of<V>>, refresh);
