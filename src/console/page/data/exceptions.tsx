import { createContext, type ReactNode, useContext, useMemo } from "react";
import type { LogHealth } from "../../../contract/views/audit.ts";
import type { ItemOf } from "../../../contract/views/mod.ts";
import { useQuery } from "./query.ts";

/** What does not go by the usual rules now: broken glasses whose review is open, and what is frozen. */
export interface Exceptions {
  readonly reviews: NonNullable<LogHealth["openReviews"]>;
  readonly freezes: ReadonlyArray<ItemOf<"freezes">>;
}

const none: Exceptions = { reviews: [], freezes: [] };
const ExceptionsContext = createContext<Exceptions>(none);

/** Asks once for what does not go by the usual rules: the frame shows it on every page. */
export const WithExceptions = ({ children }: { readonly children: ReactNode }) => {
  const health = useQuery("audit", "health", {}, { now: true, refresh: ["deployment"] }).data;
  const frozen = useQuery(
    "freezes",
    "list",
    { filter: { frozen: true }, limit: 1_000 },
    { now: true, refresh: ["freeze"] },
  ).data;
  const exceptions = useMemo(
    (): Exceptions => ({ reviews: health?.openReviews ?? none.reviews, freezes: frozen?.items ?? none.freezes }),
    [health, frozen],
  );
  return <ExceptionsContext value={exceptions}>{children}</ExceptionsContext>;
};

/** What does not go by the usual rules now. */
export const useExceptions = (): Exceptions => useContext(ExceptionsContext);
