import { defined, type Role } from "../kernel/mod.ts";
import type { KnownPrincipal } from "./state.ts";

/** The roles of a principal that nobody admitted, in an installation that does not check who connects. */
export const openRoles: ReadonlyArray<Role> = ["viewer", "participant", "designer", "operator"];

/** What a principal may do now. */
export interface Standing {
  readonly roles: ReadonlySet<Role>;
  /** Why it may do nothing; undefined if it may do what its roles may. */
  readonly stopped?: string;
  /** The key that it signs with. */
  readonly publicKey?: string;
  /** Whether a key of it was revoked. */
  readonly isKeyRevoked?: boolean;
}

const none: ReadonlySet<Role> = new Set();

/** Returns the standing of a principal; `unadmitted` are the roles of those that nobody admitted. */
export const standingOf = (
  principal: Omit<KnownPrincipal, "kind" | "owner"> | undefined,
  unadmitted: ReadonlyArray<Role>,
): Standing => {
  if (principal === undefined) return { roles: new Set(unadmitted) };
  const { suspended, signedOff, admitted, roles, publicKey, revokedKeys } = principal;
  if (suspended !== undefined) return { roles: none, stopped: `suspended by \`${suspended.by}\`: ${suspended.reason}` };
  if (signedOff !== undefined)
    return {
      roles: none,
      stopped: `signed off by \`${signedOff.by}\`: ${signedOff.reason}; an admin can admit it again`,
    };
  return {
    roles: new Set(admitted ? roles : [...unadmitted, ...roles]),
    isKeyRevoked: revokedKeys.length > 0,
    ...defined({ publicKey }),
  };
};
