import { roleFor } from "../agent/capability.ts";
import {
  accept,
  type CommandOf,
  defineDecider,
  defined,
  isOwnPrincipal,
  isSelf,
  type PayloadOf,
  Principal,
  refuse,
} from "../kernel/mod.ts";
import {
  type KnownToPrincipals,
  type PrincipalContext,
  type PrincipalDecision,
  type PrincipalEvent,
  principalCommands,
  principalEvents,
} from "./contract.ts";
import { evolve, type KnownPrincipal, PrincipalState } from "./state.ts";

type Command = CommandOf<typeof principalCommands>;

const admit = (
  { kind, owner, roles, publicKey, reason }: PayloadOf<typeof principalCommands, "admit">,
  principal: PrincipalState,
  { aggregateId: id, principal: admin }: PrincipalContext,
): PrincipalDecision =>
  principal?.admitted === true && principal.signedOff === undefined
    ? refuse("already-admitted", `\`${id}\` is admitted: change its roles by \`grant\` and \`revoke\``)
    : accept({
        type: "principal-admitted",
        data: { kind, owner: owner ?? (kind === "person" ? id : admin), roles, ...defined({ publicKey, reason }) },
      });

const without = <A>(wanted: ReadonlyArray<A>, has: ReadonlyArray<A> = []): ReadonlyArray<A> =>
  wanted.filter((one) => !has.includes(one));

/** Returns the event of a list, or nothing if the list is empty. */
const some = <A, E>(list: ReadonlyArray<A>, event: (list: ReadonlyArray<A>) => E): ReadonlyArray<E> =>
  list.length === 0 ? [] : [event(list)];

const grant = (
  { roles, capabilities = [], reason }: PayloadOf<typeof principalCommands, "grant">,
  principal: PrincipalState,
  id: string,
): PrincipalDecision => {
  const byRole = capabilities.find((capability) => roleFor(capability) !== undefined);
  if (byRole !== undefined)
    return refuse(
      "guarded-by-role",
      `the capability \`${byRole}\` comes with the role \`${roleFor(byRole)}\`: grant that`,
    );
  if (principal?.signedOff !== undefined)
    return refuse("signed-off", `\`${id}\` was signed off: \`admit\` it again, with its new roles`);
  const given = without(roles, principal?.roles);
  const granted = without(capabilities, principal?.capabilities);
  return accept<PrincipalEvent>(
    ...some(given, (added) => ({ type: "roles-granted", data: { roles: added, ...defined({ reason }) } }) as const),
    ...some(
      granted,
      (added) => ({ type: "capabilities-granted", data: { capabilities: added, ...defined({ reason }) } }) as const,
    ),
  );
};

const revoke = (
  { roles, capabilities = [], reason }: PayloadOf<typeof principalCommands, "revoke">,
  principal: KnownPrincipal,
): PrincipalDecision => {
  const taken = roles.filter((role) => principal.roles.includes(role));
  const revoked = capabilities.filter((one) => principal.capabilities?.includes(one) === true);
  return accept<PrincipalEvent>(
    ...some(taken, (gone) => ({ type: "roles-revoked", data: { roles: gone, reason } }) as const),
    ...some(revoked, (gone) => ({ type: "capabilities-revoked", data: { capabilities: gone, reason } }) as const),
  );
};

/** Returns whether a command is signed with its sender's key. */
const isSigned = ({ signedBy, known }: PrincipalContext): boolean =>
  signedBy !== undefined && signedBy === known?.publicKey;

/**
 * The number of keys after which a principal needs an admin for another one. Otherwise the list of keys could grow
 * without limit.
 */
const mostKeys = 1_000;

const hadTooMany = ({ formerKeys = [], revokedKeys }: KnownPrincipal): boolean =>
  formerKeys.length + revokedKeys.length >= mostKeys;

/**
 * Rotates a key. A principal registers its first key itself. Another key needs a signature with the old one, or of an
 * admin with the admin's own key. Otherwise somebody who can send commands under another's name could also sign under
 * it.
 */
const rotateKey = (
  { publicKey, reason }: PayloadOf<typeof principalCommands, "rotate-key">,
  before: PrincipalState,
  context: PrincipalContext,
): PrincipalDecision => {
  const { aggregateId: id, principal: actor } = context;
  if (before?.publicKey === publicKey) return accept();
  if (before?.revokedKeys.includes(publicKey) === true)
    return refuse("key-revoked", `\`${publicKey}\` was revoked: make a new one with \`cim key new\``);
  const isFirst = actor === id && before?.publicKey === undefined && (before?.revokedKeys ?? []).length === 0;
  if (!isFirst && !isSigned(context))
    return refuse(
      "signature-required",
      before?.publicKey === undefined
        ? `an admin must give \`${id}\` its key, and sign the command with the admin's own key`
        : `\`${id}\` signs with ${before.publicKey}: sign the command with that key, or have an admin sign it`,
    );
  if (actor === id && before !== null && hadTooMany(before))
    return refuse("too-many-keys", `\`${id}\` has had ${mostKeys} keys: an admin must give it another`);
  return accept({ type: "key-rotated", data: { publicKey, ...defined({ reason }) } });
};

/**
 * Revokes a key. A former key can be revoked too, because a theft is often found out later.
 *
 * An admin with a key must sign the command. In an installation without keys, a revocation must still be possible.
 */
const revokeKey = (
  { publicKey, since, reason }: PayloadOf<typeof principalCommands, "revoke-key">,
  before: KnownPrincipal,
  context: PrincipalContext,
): PrincipalDecision => {
  const { aggregateId: id, principal: actor, time, known } = context;
  if (before.revokedKeys.includes(publicKey)) return accept();
  if (before.publicKey !== publicKey && before.formerKeys?.includes(publicKey) !== true)
    return refuse(
      "unknown-key",
      `${publicKey} is not a key of \`${id}\`: \`cim principals get ${id}\` shows its current and former keys`,
    );
  if (!isSigned(context) && (actor === id || known?.publicKey !== undefined))
    return refuse("signature-required", `sign the command with the key of \`${actor}\`: ${known?.publicKey}`);
  return accept({ type: "key-revoked", data: { publicKey, since: since ?? time, reason } });
};

const ownAuthority = ({ type }: Command, id: string) =>
  refuse("own-authority", `\`${id}\` cannot ${type} itself: another admin must`);

const decide = (command: Command, principal: PrincipalState, context: PrincipalContext): PrincipalDecision => {
  const { aggregateId: id, principal: actor } = context;
  if (isOwnPrincipal(id))
    return refuse("part-of-the-backend", `\`${id}\` is a part of the backend, which needs no roles`);
  if (command.type === "rotate-key") return rotateKey(command.payload, principal, context);
  if (command.type === "record-key")
    return principal?.publicKey === undefined ? accept({ type: "key-registered", data: command.payload }) : accept();
  if (command.type === "revoke-key" && principal !== null) return revokeKey(command.payload, principal, context);
  if (actor === id) return ownAuthority(command, id);
  switch (command.type) {
    case "admit":
      return admit(command.payload, principal, context);
    case "grant":
      return grant(command.payload, principal, id);
    case "suspend":
      return principal?.suspended === undefined
        ? accept({ type: "principal-suspended", data: command.payload })
        : accept();
    case "sign-off":
      return principal?.signedOff === undefined
        ? accept({ type: "principal-signed-off", data: command.payload })
        : accept();
    case "revoke":
    case "revoke-key":
    case "reinstate":
      break;
  }
  if (principal === null) return refuse("not-found", `\`${id}\` has no grants that could change`);
  if (command.type === "revoke") return revoke(command.payload, principal);
  if (command.type === "revoke-key" || principal.suspended === undefined) return accept();
  return accept({ type: "principal-reinstated", data: command.payload });
};

/** A person, an agent or a service: its roles, and who granted them when. */
export const principal = defineDecider<KnownToPrincipals | undefined>()({
  name: "principal",
  description: "A person, an agent or a service, with its roles.",
  id: Principal,
  commands: principalCommands,
  events: principalEvents,
  relations: { self: isSelf },
  state: PrincipalState,
  stateVersion: 2,
  initial: null,
  decide,
  evolve,
});
