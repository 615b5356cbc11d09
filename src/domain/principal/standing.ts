import { defined, type Role } from "../kernel/mod.ts";
import type { KnownPrincipal } from "./state.ts";

/** The roles of principals without an admission, in an installation that does not authenticate its clients. */
export const openRoles: ReadonlyArray<Role> = ["viewer", "participant", "designer", "operator"];

/** The current rights of a principal. */
export interface Standing {
  readonly roles: ReadonlySet<Role>;
  /** The capabilities that were granted to it. */
  readonly capabilities: ReadonlySet<string>;
  /** Why it may do nothing; undefined if its roles apply. */
  readonly stopped?: string;
  /** Its signing key. */
  readonly publicKey?: string;
  /** Whether one of its keys was revoked. */
  readonly isKeyRevoked?: boolean;
}

const none: ReadonlySet<never> = new Set();

/** Returns the standing of a principal. `unadmitted` are the roles of principals without an admission. */
export const standingOf = (
  principal: Omit<KnownPrincipal, "kind" | "owner"> | undefined,
  unadmitted: ReadonlyArray<Role>,
): Standing => {
  if (principal === undefined) return { roles: new Set(unadmitted), capabilities: none };
  const { suspended, signedOff, admitted, roles, capabilities, publicKey, revokedKeys } = principal;
  if (suspended !== undefined)
    return { roles: none, capabilities: none, stopped: `suspended by \`${suspended.by}\`: ${suspended.reason}` };
  if (signedOff !== undefined)
    return {
      roles: none,
      capabilities: none,
      stopped: `signed off by \`${signedOff.by}\`: ${signedOff.reason}; an admin can admit it again`,
    };
  return {
    roles: new Set(admitted ? roles : [...unadmitted, ...roles]),
    capabilities: new Set(capabilities),
    isKeyRevoked: revokedKeys.length > 0,
    ...defined({ publicKey }),
  };
};
