import { Schema, Struct } from "effect";
import { Capabilities } from "../agent/capability.ts";
import { PublicKey } from "../agent/contract.ts";
import { defined, type EvolveContext, Instant, Principal } from "../kernel/mod.ts";
import { type PrincipalEvent, PrincipalKind, Roles } from "./contract.ts";

/** Why a principal is stopped, since when, and by whom. */
const Stop = Schema.Struct({ reason: Schema.String, at: Instant, by: Principal });

/** The stored rights of a principal. */
export const principalFields = {
  /** Whether it was admitted. If not, it also has the installation's roles for principals without an admission. */
  admitted: Schema.Boolean,
  kind: Schema.optionalKey(PrincipalKind),
  /** The person responsible for it. */
  owner: Schema.optionalKey(Principal),
  /** The roles granted to it. */
  roles: Roles,
  /** The capabilities granted to it. They matter only for guarded capabilities. */
  capabilities: Schema.optionalKey(Capabilities),
  /** Its signing key. */
  publicKey: Schema.optionalKey(PublicKey),
  /** Former keys that were not revoked. Their signatures may still be struck. */
  formerKeys: Schema.optionalKey(Schema.Array(PublicKey)),
  /** Revoked keys. */
  revokedKeys: Schema.Array(PublicKey),
  suspended: Schema.optionalKey(Stop),
  /** Present if an admin signed its agent off. */
  signedOff: Schema.optionalKey(Stop),
};

/** The state of a principal; null before its first grant. */
export const PrincipalState = Schema.NullOr(Schema.Struct(principalFields));
export type PrincipalState = typeof PrincipalState.Type;
/** A principal that is known. */
export type KnownPrincipal = NonNullable<PrincipalState>;

/** Returns the principal with another key. The current key becomes a former one. */
const signingWith = (principal: KnownPrincipal, publicKey: string): KnownPrincipal => {
  const { publicKey: old, formerKeys = [] } = principal;
  const former = new Set(old === undefined ? formerKeys : [...formerKeys, old]);
  former.delete(publicKey);
  return {
    ...Struct.omit(principal, ["formerKeys"]),
    publicKey,
    ...defined({ formerKeys: former.size === 0 ? undefined : [...former] }),
  };
};

const withoutKey = (principal: KnownPrincipal, publicKey: string): KnownPrincipal => {
  const rest = principal.publicKey === publicKey ? Struct.omit(principal, ["publicKey"]) : principal;
  const formerKeys = rest.formerKeys?.filter((key) => key !== publicKey);
  return {
    ...Struct.omit(rest, ["formerKeys"]),
    ...defined({ formerKeys: formerKeys?.length === 0 ? undefined : formerKeys }),
    revokedKeys: [...principal.revokedKeys, publicKey],
  };
};

const unknown: KnownPrincipal = { admitted: false, roles: [], revokedKeys: [] };

/** Returns the principal after an event. */
export const evolve = (
  before: PrincipalState,
  event: PrincipalEvent,
  { actor, time: at }: Pick<EvolveContext, "actor" | "time">,
): PrincipalState => {
  const principal = before ?? unknown;
  switch (event.type) {
    case "principal-admitted": {
      const { kind, owner, roles, publicKey } = event.data;
      const known = publicKey === undefined ? principal : signingWith(principal, publicKey);
      return { ...Struct.omit(known, ["signedOff"]), admitted: true, kind, owner, roles };
    }
    case "roles-granted":
      return { ...principal, roles: [...principal.roles, ...event.data.roles] };
    case "roles-revoked":
      return { ...principal, roles: principal.roles.filter((role) => !event.data.roles.includes(role)) };
    case "capabilities-granted":
      return { ...principal, capabilities: [...(principal.capabilities ?? []), ...event.data.capabilities] };
    case "capabilities-revoked":
      return {
        ...principal,
        capabilities: (principal.capabilities ?? []).filter((one) => !event.data.capabilities.includes(one)),
      };
    case "key-registered":
    case "key-rotated":
      return signingWith(principal, event.data.publicKey);
    case "key-revoked":
      return withoutKey(principal, event.data.publicKey);
    case "principal-suspended":
      return { ...principal, suspended: { reason: event.data.reason, at, by: actor } };
    case "principal-reinstated":
      return Struct.omit(principal, ["suspended"]);
    case "principal-signed-off":
      return {
        ...Struct.omit(principal, ["capabilities"]),
        roles: [],
        signedOff: { reason: event.data.reason, at, by: event.data.by },
      };
  }
};
