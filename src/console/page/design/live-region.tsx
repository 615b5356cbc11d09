import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const AnnounceContext = createContext<(text: string) => void>(() => undefined);

/** Returns what says a sentence to screen readers: the outcome of a command, a lost connection. */
export const useAnnounce = (): ((text: string) => void) => useContext(AnnounceContext);

/** Holds the page's one live region. */
export const Announcer = ({ children }: { readonly children: ReactNode }) => {
  const [said, setSaid] = useState({ text: "", turn: 0 });
  // The same sentence again is a change too.
  const announce = useCallback((text: string) => setSaid(({ turn }) => ({ text, turn: turn + 1 })), []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div className="unseen" role="status" aria-live="polite">
        {said.text}
        {said.turn % 2 === 0 ? "" : "\u00a0"}
      </div>
    </AnnounceContext>
  );
};
