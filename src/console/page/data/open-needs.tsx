import { createContext, type ReactNode, useContext } from "react";
import { type Need, useNeeds } from "./needs.ts";
import { useSession } from "./session.tsx";

const NeedsContext = createContext<ReadonlyArray<Need>>([]);

/** Asks once for everything that waits for the person, for the frame and the page. */
export const WithNeeds = ({ children }: { readonly children: ReactNode }) => (
  <NeedsContext value={useNeeds(useSession().principal)}>{children}</NeedsContext>
);

/** What waits for the person, what ends first above. */
export const useOpenNeeds = (): ReadonlyArray<Need> => useContext(NeedsContext);
