import { defined, type Role } from "../kernel/mod.ts";
import type { KnownPrincipal } from "./state.ts";

/** The roles of a principal that nobody admitted, in an installation that does not check who connects. */
export const openRoles: ReadonlyArray<Role> = ["viewer", "participant", "designer", "operator"];

/** What a principal may do now. */
export interface Standing {
  readonly roles: ReadonlySet<Role>;
  /** The capabilities that were granted to it. */
  readonly capabilities: ReadonlySet<string>;
  /** Why it may do nothing; undefined if it may do what its roles may. */
  readonly stopped?: string;
  /** The key that it signs with. */
  readonly publicKey?: string;
  /** Whether a key of it was revoked. */
  readonly isKeyRevoked?: boolean;
}

const none: ReadonlySet<never> = new Set();

/** Returns the standing of a principal; `unadmitted` are the roles of those that nobody admitted. */
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
