import { Schema } from "effect";

/** The roles of principals, in display order. */
export const roles = [
  "viewer",
  "participant",
  "designer",
  "operator",
  "voter",
  "deployer",
  "monitor",
  "admin",
] as const;

/** What a principal may do in the whole installation. */
export const Role = Schema.Literals(roles).annotate({ identifier: "Role" });
export type Role = typeof Role.Type;

/**
 * The relations of a principal to one aggregate, and the conditions on the aggregate. The texts complete the message
 * *which is for X*.
 */
export const relations = {
  self: "the principal itself",
  owner: "its owner",
  editor: "whoever its owner shares it with",
  proposer: "its proposer",
  submitter: "whoever submitted it",
  assignee: "the agent that has it",
  opener: "whoever opened it",
  "one-of-two": "either side of a direct dialog",
  member: "whoever takes part in it (join it first)",
  elector: "a member of its electorate",
  "veto-holder": "a veto holder that its rules name",
  reviewer: "a reviewer that was asked",
  author: "the author of the fact",
  unowned: "if nobody owns it yet",
  "within-dialog": "if it is a context of the dialog alone",
  "of-topic": "if it is the context of its topic",
  "paused-by-system": "if the system paused it",
  "the-systems": "if it is the backend's own",
  "not-the-systems": "if it is not the backend's own",
} as const satisfies Readonly<Record<string, string>>;

/** A relation of a principal to an aggregate. The aggregate's decider evaluates it on the state. */
export type Relation = keyof typeof relations;

/** A role that a principal must have, or a relation that it must have to the aggregate. */
export type Condition = Role | Relation;

/** One way to be permitted: one condition, or several that must all hold. */
export type Alternative = Condition | readonly [Condition, Condition, ...ReadonlyArray<Condition>];

/** Who may give a command: a principal that fulfils one of the alternatives, or the backend alone (`system`). */
export type Permitted = "system" | readonly [Alternative, ...ReadonlyArray<Alternative>];

/**
 * A row of the permission table: who may give a command, or separately who may create an aggregate with it and who may
 * change one.
 */
export type Row = Permitted | { readonly make: Permitted; readonly change: Permitted };

/** The relation `self`: the aggregate has the name of its principal. */
export const isSelf = (_: unknown, { id, principal }: { readonly id: string; readonly principal: string }): boolean =>
  id === principal;

/** Returns who may give a command to an aggregate that exists, or that the command creates. */
export const permittedBy = (row: Row, exists: boolean): Permitted => {
  if (typeof row === "string" || !("make" in row)) return row;
  return exists ? row.change : row.make;
};

/** Returns whether a condition is a role and not a relation to one aggregate. */
export const isRole = (condition: Condition): condition is Role => !(condition in relations);

/** Returns the conditions of an alternative. All of them must hold. */
export const conditionsOf = (alternative: Alternative): ReadonlyArray<Condition> =>
  typeof alternative === "string" ? [alternative] : alternative;

/**
 * Returns whether a principal with these roles and these relations to the aggregate fulfils one of the alternatives.
 */
export const isPermitted = (
  permitted: Permitted,
  has: ReadonlySet<Role>,
  holds: (relation: Relation) => boolean,
): boolean =>
  permitted !== "system" &&
  permitted.some((alternative) =>
    conditionsOf(alternative).every((condition) => (isRole(condition) ? has.has(condition) : holds(condition))),
  );

/** Returns the roles that would each be enough, alone or with a relation, in the order of the row. */
export const rolesIn = (permitted: Permitted): ReadonlyArray<Role> =>
  permitted === "system" ? [] : [...new Set(permitted.flatMap(conditionsOf).filter(isRole))];

const conditionText = (condition: Condition): string =>
  isRole(condition) ? `the role \`${condition}\`` : relations[condition];

/** Returns for example `a member of its electorate with the role X` or `the role X if it is not the backend's own`. */
const alternativeText = (conditions: ReadonlyArray<Condition>): string =>
  conditions
    .map(conditionText)
    .reduce((before, next) => (next.startsWith("if ") ? `${before} ${next}` : `${before} with ${next}`));

/** Returns who may give a command, in words: `its proposer, or the role \`admin\``. */
export const permittedText = (permitted: Permitted): string =>
  permitted === "system"
    ? "the backend alone"
    : permitted.map((alternative) => alternativeText(conditionsOf(alternative))).join(", or ");
