import { Effect, Schema } from "effect";
import { Capabilities, GivenCapabilities } from "../agent/capability.ts";
import { PublicKey } from "../agent/contract.ts";
import {
  bounds,
  command,
  type DecisionContext,
  type DecisionOf,
  type EventOf,
  event,
  Instant,
  internalCommand,
  NonEmptyText,
  Principal,
  Role,
  roles,
  Text,
} from "../kernel/mod.ts";

/** A set of roles without duplicates. */
export const Roles = Schema.Array(Role).check(Schema.isMaxLength(roles.length), Schema.isUnique());

/** The kind of a principal: a person, a program that acts for one, or a service. */
export const PrincipalKind = Schema.Literals(["person", "agent", "service"]);
export type PrincipalKind = typeof PrincipalKind.Type;

const reason = Schema.optionalKey(Schema.String);
const givenReason = NonEmptyText(bounds.text);

/** Grants to give or revoke: roles, capabilities, or both. */
const grants = {
  roles: Roles.pipe(Schema.withDecodingDefaultKey(Effect.succeed([]))),
  capabilities: Schema.optionalKey(GivenCapabilities),
};

const namesOne = Schema.makeFilter(
  ({
    roles,
    capabilities = [],
  }: {
    readonly roles: ReadonlyArray<Role>;
    readonly capabilities?: ReadonlyArray<string>;
  }) => roles.length + capabilities.length > 0 || "name a role or a capability",
);

/** Only admins grant and revoke rights. */
const by = ["admin"] as const;

export const principalCommands = {
  admit: command(
    Schema.Struct({
      kind: PrincipalKind.pipe(Schema.withDecodingDefaultKey(Effect.succeed("agent" as const))),
      /** The person responsible for it. By default, a person is its own owner, and the admin owns all others. */
      owner: Schema.optionalKey(Principal),
      /** Its signing key. Another key of its own must then be registered with this key's signature, or by an admin. */
      publicKey: Schema.optionalKey(PublicKey),
      roles: Roles.pipe(Schema.withDecodingDefaultKey(Effect.succeed(["viewer", "participant"] as const))),
      reason: Schema.optionalKey(Text(bounds.text)),
    }),
    "Admits a principal with exactly these roles. A signed-off principal can be admitted again.",
    { by, creates: true },
  ),
  grant: command(
    Schema.Struct({ ...grants, reason: Schema.optionalKey(Text(bounds.text)) }).check(namesOne),
    "Gives a principal additional roles and guarded capabilities.",
    { by, creates: true },
  ),
  revoke: command(
    Schema.Struct({ ...grants, reason: givenReason }).check(namesOne),
    "Takes roles and guarded capabilities from a principal at once.",
    { by },
  ),
  suspend: command(
    Schema.Struct({ reason: givenReason }),
    "Stops a principal at once: it may do nothing, its ballots in open votes are struck, and its tasks go to other agents.",
    { by, creates: true },
  ),
  reinstate: command(
    Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }),
    "Ends the suspension of a principal. It has its former roles again.",
    { by },
  ),
  "rotate-key": command(
    Schema.Struct({ publicKey: PublicKey, reason: Schema.optionalKey(Text(bounds.text)) }),
    "Gives a principal its first or another key. Another key needs a signature with the old one, or of an admin with the admin's own.",
    { by: ["self", "admin"], creates: true },
  ),
  "revoke-key": command(
    Schema.Struct({
      publicKey: PublicKey,
      /** Later signatures of the key do not count. By default, signatures from now on do not. */
      since: Schema.optionalKey(Instant),
      reason: givenReason,
    }),
    "Revokes a current or former key, and strikes what it signed after a moment: ballots in open votes, and knowledge records.",
    { by: ["self", "admin"] },
  ),
  "record-key": internalCommand(
    Schema.Struct({ publicKey: PublicKey }),
    "Records the first key that the principal's agent registered.",
    { creates: true },
  ),
  "sign-off": internalCommand(
    Schema.Struct({ by: Principal, reason: Schema.String }),
    "Signs a principal off after its agent, so that it has no roles until it is admitted again.",
    { creates: true },
  ),
};

export const principalEvents = {
  "principal-admitted": event(
    Schema.Struct({
      kind: PrincipalKind,
      owner: Principal,
      roles: Roles,
      publicKey: Schema.optionalKey(PublicKey),
      reason,
    }),
    "The principal was admitted with these roles.",
  ),
  "roles-granted": event(Schema.Struct({ roles: Roles, reason }), "The principal got these additional roles."),
  "roles-revoked": event(Schema.Struct({ roles: Roles, reason: Schema.String }), "The principal lost these roles."),
  "capabilities-granted": event(
    Schema.Struct({ capabilities: Capabilities, reason }),
    "The principal's agent was granted these capabilities, even if they are guarded.",
  ),
  "capabilities-revoked": event(
    Schema.Struct({ capabilities: Capabilities, reason: Schema.String }),
    "The grant of these capabilities was revoked.",
  ),
  "principal-suspended": event(
    Schema.Struct({ reason: Schema.String }),
    "The principal was suspended and may do nothing.",
  ),
  "principal-reinstated": event(Schema.Struct({ reason }), "The suspension ended."),
  "key-registered": event(Schema.Struct({ publicKey: PublicKey }), "The principal's agent registered its first key."),
  "key-rotated": event(Schema.Struct({ publicKey: PublicKey, reason }), "The principal now signs with this key."),
  "key-revoked": event(
    Schema.Struct({ publicKey: PublicKey, since: Instant, reason: Schema.String }),
    "The key was revoked. Its signatures after `since` do not count in open votes and knowledge spaces, and new ones are refused.",
  ),
  "principal-signed-off": event(
    Schema.Struct({ by: Principal, reason: Schema.String }),
    "An admin signed the agent off, so it may do nothing until it is admitted again.",
  ),
};

/** Looked up for a command: the key of its sender. */
export interface KnownToPrincipals {
  readonly publicKey?: string;
}

export type PrincipalContext = DecisionContext<KnownToPrincipals | undefined>;
export type PrincipalEvent = EventOf<typeof principalEvents>;
export type PrincipalDecision = DecisionOf<typeof principalEvents>;
