import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { api } from "./client.ts";
import { useDocument, useLiveness } from "./documents.ts";

/** As whom one acts, and the prefix of the installation's subjects. */
export interface Session {
  readonly principal: string;
  readonly prefix: string;
}

const SessionContext = createContext<Session>({ principal: "", prefix: "" });

/** As whom one acts. */
export const useSession = (): Session => useContext(SessionContext);

/** The roles of the one who acts, in the order of the contract; none while they are not known. */
export const useRoles = (): ReadonlyArray<string> => {
  const known = useDocument("principals", useSession().principal);
  return known.state === "there" && known.document.suspended === undefined ? known.document.roles : [];
};

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
