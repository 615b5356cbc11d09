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

/** Roles, none twice. */
export const Roles = Schema.Array(Role).check(Schema.isMaxLength(roles.length), Schema.isUnique());

/** What a principal is: a person, a program that acts for one, or a service. */
export const PrincipalKind = Schema.Literals(["person", "agent", "service"]);
export type PrincipalKind = typeof PrincipalKind.Type;

const reason = Schema.optionalKey(Schema.String);
const givenReason = NonEmptyText(bounds.text);

/** What is given and taken: roles, capabilities, or both. */
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

/** Authority is given and taken by admins. */
const by = ["admin"] as const;

export const principalCommands = {
  admit: command(
    Schema.Struct({
      kind: PrincipalKind.pipe(Schema.withDecodingDefaultKey(Effect.succeed("agent" as const))),
      /** The person that answers for it. By default a person answers for themself, and the admin for others. */
      owner: Schema.optionalKey(Principal),
      /** The key that it signs with; its own other ones must then be signed with this one, or by an admin. */
      publicKey: Schema.optionalKey(PublicKey),
      roles: Roles.pipe(Schema.withDecodingDefaultKey(Effect.succeed(["viewer", "participant"] as const))),
      reason: Schema.optionalKey(Text(bounds.text)),
    }),
    "Admits a principal with exactly these roles; again, if it was signed off.",
    { by, creates: true },
  ),
  grant: command(
    Schema.Struct({ ...grants, reason: Schema.optionalKey(Text(bounds.text)) }).check(namesOne),
    "Gives a principal roles, and capabilities that are guarded, besides those that it has.",
    { by, creates: true },
  ),
  revoke: command(
    Schema.Struct({ ...grants, reason: givenReason }).check(namesOne),
    "Takes roles, and capabilities that are guarded, from a principal, at once.",
    { by },
  ),
  suspend: command(
    Schema.Struct({ reason: givenReason }),
    "Stops a principal at once: it may do nothing, its ballots in open votes are struck, its tasks go to others.",
    { by, creates: true },
  ),
  reinstate: command(
    Schema.Struct({ reason: Schema.optionalKey(Text(bounds.text)) }),
    "Ends the suspension of a principal, which has the roles that it had.",
    { by },
  ),
  "rotate-key": command(
    Schema.Struct({ publicKey: PublicKey, reason: Schema.optionalKey(Text(bounds.text)) }),
    "Gives a principal its first key, or another one: signed with the old one, or by an admin with the admin's own.",
    { by: ["self", "admin"], creates: true },
  ),
  "revoke-key": command(
    Schema.Struct({
      publicKey: PublicKey,
      /** What it signed later does not count; by default, what it signs from now on. */
      since: Schema.optionalKey(Instant),
      reason: givenReason,
    }),
    "Takes a key out of use, also one that was rotated away, and strikes what it signed after a moment: ballots in open votes, records of knowledge.",
    { by: ["self", "admin"] },
  ),
  "record-key": internalCommand(
    Schema.Struct({ publicKey: PublicKey }),
    "The agent of the principal has registered its first key.",
    { creates: true },
  ),
  "sign-off": internalCommand(
    Schema.Struct({ by: Principal, reason: Schema.String }),
    "An admin has signed the agent off: its principal has no roles until it is admitted again.",
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
    "The principal may do what these roles may.",
  ),
  "roles-granted": event(Schema.Struct({ roles: Roles, reason }), "The principal has these roles besides its others."),
  "roles-revoked": event(
    Schema.Struct({ roles: Roles, reason: Schema.String }),
    "The principal does not have these roles any more.",
  ),
  "capabilities-granted": event(
    Schema.Struct({ capabilities: Capabilities, reason }),
    "The agent of the principal has these capabilities if it names them, also where they are guarded.",
  ),
  "capabilities-revoked": event(
    Schema.Struct({ capabilities: Capabilities, reason: Schema.String }),
    "The principal was granted these capabilities and is not any more.",
  ),
  "principal-suspended": event(Schema.Struct({ reason: Schema.String }), "The principal may do nothing."),
  "principal-reinstated": event(Schema.Struct({ reason }), "The suspension is over."),
  "key-registered": event(
    Schema.Struct({ publicKey: PublicKey }),
    "The first key of the principal's agent is its key.",
  ),
  "key-rotated": event(
    Schema.Struct({ publicKey: PublicKey, reason }),
    "The principal signs with this key from now on.",
  ),
  "key-revoked": event(
    Schema.Struct({ publicKey: PublicKey, since: Instant, reason: Schema.String }),
    "What this key signed after `since` does not count in open votes and in spaces of knowledge, and it signs nothing more.",
  ),
  "principal-signed-off": event(
    Schema.Struct({ by: Principal, reason: Schema.String }),
    "An admin has signed the agent off: it may do nothing until it is admitted again.",
  ),
};

/** Looked up for a command: the key of the principal that gives it. */
export interface KnownToPrincipals {
  readonly publicKey?: string;
}

export type PrincipalContext = DecisionContext<KnownToPrincipals | undefined>;
export type PrincipalEvent = EventOf<typeof principalEvents>;
export type PrincipalDecision = DecisionOf<typeof principalEvents>;
