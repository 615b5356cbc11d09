import { Schema } from "effect";

/**
 * A name that is at once a NATS subject token, a systemd unit name and a host name: 1–63 characters of `a-z 0-9 -`,
 * starting with a letter, ending with a letter or digit. Graphs, nodes, agents and hosts are named so.
 */
export const Name = Schema.String.check(
  Schema.isPattern(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/u, {
    expected: "1-63 characters of a-z 0-9 -, starting with a letter, ending with a letter or digit",
  }),
);
export type Name = typeof Name.Type;

/**
 * The id of an aggregate that anybody may make: one NATS subject token that is a KV key too, 1–128 characters of
 * `A-Z a-z 0-9 _ -`, starting with a letter or digit. Wider than {@link Name}, so that UUIDs and ULIDs fit.
 */
export const PublicId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/u, {
    expected: "1-128 characters of A-Z a-z 0-9 _ -, starting with a letter or digit",
  }),
);

/**
 * The id of any aggregate: a {@link PublicId}, or one with a `=`, which only the backend makes. Ids of tasks and
 * proposals of a deployment, a host or a space follow from its id and can be told in advance. Nobody outside can take
 * them beforehand, because a command from outside makes nothing under an id with a `=`.
 */
export const AggregateId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9_=-]{0,199}$/u, {
    expected: "1-200 characters of A-Z a-z 0-9 _ - =, starting with a letter or digit",
  }),
);

const ownMark = "=";

/** Returns the id of what the backend makes for `owner`, an aggregate. `name` is unique among what it makes for it. */
export const ownId = (owner: string, name: string): string => `${owner}${ownMark}${name}`;

/** Returns the aggregate that {@link ownId} made an id for; undefined if it did not make it. */
export const ownerOf = (id: string): string | undefined => {
  const end = id.lastIndexOf(ownMark);
  return end < 0 ? undefined : id.slice(0, end);
};

/** Whether anybody may make an aggregate under this id. */
export const isPublicId: (id: string) => boolean = Schema.is(PublicId);

/** Returns the id that {@link ownId} gave before such ids were out of reach of others. Older logs have them. */
export const olderIdOf = (id: string): string => id.replaceAll(ownMark, "-");

/** The sender of a command: the principal token of its subject, of the same form as {@link PublicId}. */
export const Principal = PublicId;

/** The id of a command: 1–256 printable ASCII characters without spaces (it travels as a header). */
export const CommandId = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,256}$/u, { expected: "1-256 printable ASCII characters without spaces" }),
);

const internalPrefix = "internal:";

/**
 * Returns the id of a command that the backend gives itself, from a name that is unique in what gives it. The ids of
 * internal commands are in a name space of their own, because their names can be told in advance: a command from outside
 * under such an id would otherwise make the backend's own command a repetition.
 */
export const internalCommandId = (name: string): string => `${internalPrefix}${name}`;

/** Returns the name that an internal command id was made from. Before there was a name space, it was the whole id. */
export const internalCommandName = (commandId: string): string => commandId.slice(internalPrefix.length);

/** Whether a command id is in the name space of internal commands. */
export const isInternalCommandId = (commandId: string): boolean => commandId.startsWith(internalPrefix);
