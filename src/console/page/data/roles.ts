import { useMemo } from "react";
import type { Role } from "../../../domain/kernel/mod.ts";
import { openRoles, standingOf } from "../../../domain/principal/standing.ts";
import { useDocument } from "./documents.tsx";
import { useSession } from "./session.tsx";

/**
 * The roles of the one who acts, by the rule of the backend: whoever nobody admitted has the roles that everybody has in
 * an installation that does not check who connects. None while they are not known.
 */
export const useRoles = (): ReadonlyArray<Role> => {
  const known = useDocument("principals", useSession().principal);
  return useMemo(() => {
    if (known.state !== "there" && known.state !== "missing") return [];
    return [...standingOf(known.state === "there" ? known.document : undefined, openRoles).roles];
  }, [known]);
};
