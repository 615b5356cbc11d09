import { useDocument } from "./documents.tsx";
import { useSession } from "./session.tsx";

/** The roles of the one who acts, in the order of the contract; none while they are not known. */
export const useRoles = (): ReadonlyArray<string> => {
  const known = useDocument("principals", useSession().principal);
  return known.state === "there" && known.document.suspended === undefined ? known.document.roles : [];
};
