import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { api } from "./client.ts";
import { useLiveness } from "./follow.ts";

/** As whom one acts, and the prefix of the installation's subjects. */
export interface Session {
  readonly principal: string;
  readonly prefix: string;
}

const SessionContext = createContext<Session>({ principal: "", prefix: "" });

/** As whom one acts. */
export const useSession = (): Session => useContext(SessionContext);

type Begun = Session | "asking" | "logged-out" | { readonly error: unknown };

/** Shows `children` to somebody who is logged in; `otherwise` shows everything else. */
export const WithSession = ({
  children,
  otherwise,
}: {
  readonly children: ReactNode;
  readonly otherwise: (state: "asking" | "logged-out" | { readonly error: unknown }) => ReactNode;
}) => {
  const [begun, setBegun] = useState<Begun>("asking");
  const { stream } = useLiveness();
  useEffect(() => {
    api.session().then(
      (session) => setBegun(session ?? "logged-out"),
      (error) => setBegun({ error }),
    );
  }, []);
  if (stream === "logged-out") return otherwise("logged-out");
  if (typeof begun === "string" || "error" in begun) return otherwise(begun);
  return <SessionContext value={begun}>{children}</SessionContext>;
};
