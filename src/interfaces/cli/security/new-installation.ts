import { referencePrincipals } from "../../../agents/roster.ts";
import { openRoles } from "../../../domain/principal/standing.ts";
import type { NewUser } from "../../../infrastructure/security/mod.ts";
import type { Settings } from "../settings.ts";

/** Days that the credentials of people and agents in files are valid, unless `--days` says otherwise. */
export const defaultDays = 30;

/**
 * The first users of a closed installation: the admin, the agents that come with it, and the person who makes it, who gets
 * the roles that everybody has in an open one.
 */
export const newInstallation = ({ prefix, principal }: Pick<Settings, "prefix" | "principal">) => {
  const admin: NewUser = {
    name: "admin",
    kind: "person",
    roles: ["viewer", "participant", "admin"],
    days: defaultDays,
  };
  const agents = referencePrincipals.map(
    ({ id, kind, roles }): NewUser => ({ name: id, kind, roles, days: defaultDays }),
  );
  const known = [admin, ...agents];
  const maker: NewUser = { name: principal, kind: "person", roles: openRoles, days: defaultDays };
  const users = known.some(({ name }) => name === principal) ? known : [...known, maker];
  return { prefix, hosts: [] as ReadonlyArray<string>, users };
};
