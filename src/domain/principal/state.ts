import { Schema, Struct } from "effect";
import { Capabilities } from "../agent/capability.ts";
import { PublicKey } from "../agent/contract.ts";
import { defined, type EvolveContext, Instant, Principal } from "../kernel/mod.ts";
import { type PrincipalEvent, PrincipalKind, Roles } from "./contract.ts";

/** Why a principal may do nothing, since when, and who said so. */
const Stop = Schema.Struct({ reason: Schema.String, at: Instant, by: Principal });

/** What is known of a principal that somebody has given or taken authority. */
export const principalFields = {
  /** Whether it has its own roles only. Otherwise those of the installation for principals that nobody admitted too. */
  admitted: Schema.Boolean,
  kind: Schema.optionalKey(PrincipalKind),
  /** The person that answers for it. */
  owner: Schema.optionalKey(Principal),
  /** The roles that were given to it. */
  roles: Roles,
  /** The capabilities that were granted to it. They matter where they are guarded. */
  capabilities: Schema.optionalKey(Capabilities),
  /** The key that it signs with. */
  publicKey: Schema.optionalKey(PublicKey),
  /** Keys that it signed with before, and that were not revoked: what they signed may still be struck. */
  formerKeys: Schema.optionalKey(Schema.Array(PublicKey)),
  /** Keys that were revoked. */
  revokedKeys: Schema.Array(PublicKey),
  suspended: Schema.optionalKey(Stop),
  /** An admin has signed the agent off. */
  signedOff: Schema.optionalKey(Stop),
};

/** A principal that somebody has given or taken authority; null before. */
export const PrincipalState = Schema.NullOr(Schema.Struct(principalFields));
export type PrincipalState = typeof PrincipalState.Type;
/** A principal that is known. */
export type KnownPrincipal = NonNullable<PrincipalState>;

/** The principal with another key; the one that it had becomes a former one. */
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
