import { Effect } from "effect";
import { commands } from "../../contract/commands.ts";
import type { PrincipalStanding } from "../../contract/views/principals.ts";
import { type CommandSpec, defined, isPermitted, permittedBy, permittedText } from "../../domain/kernel/mod.ts";
import type { Standing } from "../../domain/principal/standing.ts";
import { Authority } from "../authority.ts";
import type { AnswersOf } from "../queries.ts";
import { getDocument, listDocuments } from "./documents.ts";

const rows: ReadonlyArray<readonly [string, NonNullable<CommandSpec["by"]>]> = Object.entries(commands).flatMap(
  ([aggregate, specs]) =>
    Object.entries<CommandSpec>(specs).flatMap(([command, { audience, by }]) =>
      audience === "public" && by !== undefined ? [[`${aggregate}.${command}`, by] as const] : [],
    ),
);

/**
 * Returns who may give a command, if the principal's roles are not enough for it. Relations to a single aggregate, such
 * as owning it, are assumed to hold, because they depend on the aggregate.
 */
const forOthers = (
  by: NonNullable<CommandSpec["by"]>,
  exists: boolean,
  { roles, stopped }: Standing,
): string | undefined => {
  const permitted = permittedBy(by, exists);
  const isEnough = stopped === undefined && isPermitted(permitted, roles, () => true);
  return isEnough ? undefined : permittedText(permitted);
};

/** Returns what a principal may do, and who may give each of the other commands. */
export const standingAnswer = (id: string, standing: Standing): PrincipalStanding => {
  const { roles, capabilities, stopped } = standing;
  const mayNot = rows.flatMap(([name, by]) => {
    const refused = defined({ make: forOthers(by, false, standing), change: forOthers(by, true, standing) });
    return Object.keys(refused).length === 0 ? [] : [[name, refused] as const];
  });
  return {
    id,
    roles: [...roles],
    capabilities: [...capabilities],
    ...defined({ stopped }),
    mayNot: Object.fromEntries(mayNot),
  };
};

/** The answers about principals. */
export const principalAnswers = {
  get: getDocument("principal"),
  list: listDocuments,
  standing: Effect.fnUntraced(function* ({ id }) {
    return standingAnswer(id, yield* (yield* Authority).standingOf(id));
  }),
} satisfies AnswersOf<"principals", Authority>;
