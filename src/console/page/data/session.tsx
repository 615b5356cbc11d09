import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { api, store } from "./client.ts";

/** As whom one acts, and the prefix of the installation's subjects. */
export interface Session {
  readonly principal: string;
  readonly prefix: string;
}

const SessionContext = createContext<Session>({ principal: "", prefix: "" });

/** As whom one acts. */
export const useSession = (): Session => useContext(SessionContext);

type Begun = Session | "asking" | "logged-out" | { readonly error: unknown };

/** Milliseconds between two looks whether somebody has logged in, or the server is there. */
const lookEvery = 3_000;

/**
 * Shows `children` to somebody who is logged in; `otherwise` shows everything else. Once they are shown they stay: what
 * one has typed must outlive the end of the session. If another person logs in meanwhile, the page begins again, because
 * everything that it shows is the other one's.
 */
export const WithSession = ({
  children,
  otherwise,
}: {
  readonly children: ReactNode;
  readonly otherwise: (state: "asking" | "logged-out" | { readonly error: unknown }) => ReactNode;
}) => {
  const [begun, setBegun] = useState<Begun>("asking");
  const isBegun = typeof begun === "object" && "principal" in begun;
  useEffect(() => {
    if (isBegun) return;
    const look = () =>
      api.session().then(
        (session) => {
          if (session !== undefined) api.speakFor(session.principal);
          setBegun(session ?? "logged-out");
        },
        (error) => setBegun({ error }),
      );
    void look();
    const timer = setInterval(look, lookEvery);
    return () => clearInterval(timer);
  }, [isBegun]);
  const principal = useSyncExternalStore(store.subscribe, () => store.principal);
  const isAnother = isBegun && principal !== undefined && principal !== begun.principal;
  useEffect(() => {
    if (isAnother) location.reload();
  }, [isAnother]);
  if (!isBegun) return otherwise(begun);
  return <SessionContext value={begun}>{children}</SessionContext>;
};

/** The OpenID provider that one can log in by; undefined if there is none, or it is not known yet. */
export const useProvider = (): { readonly name: string; readonly address: string } | undefined => {
  const [provider, setProvider] = useState<{ readonly name: string; readonly address: string }>();
  useEffect(() => {
    api.provider().then(setProvider, () => undefined);
  }, []);
  return provider;
};
