import {
  accept,
  type CommandOf,
  type DecisionContext,
  defineDecider,
  defined,
  isOwnPrincipal,
  type PayloadOf,
  Principal,
  refuse,
} from "../kernel/mod.ts";
import { type PrincipalDecision, principalCommands, principalEvents } from "./contract.ts";
import { evolve, type KnownPrincipal, PrincipalState } from "./state.ts";

type Command = CommandOf<typeof principalCommands>;

const admit = (
  { kind, owner, roles, reason }: PayloadOf<typeof principalCommands, "admit">,
  principal: PrincipalState,
  { aggregateId: id, principal: admin }: DecisionContext,
): PrincipalDecision =>
  principal?.admitted === true && principal.signedOff === undefined
    ? refuse("already-admitted", `\`${id}\` is admitted: change its roles by \`grant\` and \`revoke\``)
    : accept({
        type: "principal-admitted",
        data: { kind, owner: owner ?? (kind === "person" ? id : admin), roles, ...defined({ reason }) },
      });

const grant = (
  { roles, reason }: PayloadOf<typeof principalCommands, "grant">,
  principal: PrincipalState,
  id: string,
): PrincipalDecision => {
  if (principal?.signedOff !== undefined)
    return refuse("signed-off", `\`${id}\` was signed off: \`admit\` it again, with the roles that it shall have`);
  const added = roles.filter((role) => principal?.roles.includes(role) !== true);
  return added.length === 0
    ? accept()
    : accept({ type: "roles-granted", data: { roles: added, ...defined({ reason }) } });
};

const revoke = (
  { roles, reason }: PayloadOf<typeof principalCommands, "revoke">,
  principal: KnownPrincipal,
): PrincipalDecision => {
  const taken = roles.filter((role) => principal.roles.includes(role));
  return taken.length === 0 ? accept() : accept({ type: "roles-revoked", data: { roles: taken, reason } });
};

const ownAuthority = ({ type }: Command, id: string) =>
  refuse("own-authority", `\`${id}\` cannot ${type} itself: another admin must`);

const decide = (command: Command, principal: PrincipalState, context: DecisionContext): PrincipalDecision => {
  const { aggregateId: id, principal: actor } = context;
  if (isOwnPrincipal(id))
    return refuse("part-of-the-backend", `\`${id}\` is a part of the backend, which needs no roles`);
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
    case "reinstate":
      break;
  }
  if (principal === null) return refuse("not-found", `nobody has given \`${id}\` or taken from it any authority`);
  if (command.type === "revoke") return revoke(command.payload, principal);
  return principal.suspended === undefined ? accept() : accept({ type: "principal-reinstated", data: command.payload });
};

/** Whoever can speak: who may do what, since when, and by whose word. */
export const principal = defineDecider()({
  name: "principal",
  description: "Whoever can speak: a person, an agent or a service, with its roles.",
  id: Principal,
  commands: principalCommands,
  events: principalEvents,
  relations: {},
  state: PrincipalState,
  stateVersion: 1,
  initial: null,
  decide,
  evolve,
});
