import { Schema } from "effect";

/**
 * A name that is valid as NATS subject token, systemd unit name and host name: 1–63 characters of `a-z 0-9 -`, starting
 * with a letter and ending with a letter or digit. Graphs, nodes, agents and hosts have such names.
 */
export const Name = Schema.String.check(
  Schema.isPattern(/^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/u, {
    expected: "1-63 characters of a-z 0-9 -, starting with a letter, ending with a letter or digit",
  }),
);
export type Name = typeof Name.Type;

/**
 * The id of an aggregate that a client may create. It is a NATS subject token and a KV key: 1–128 characters of `A-Z
 * a-z 0-9 _ -`, starting with a letter or digit. It allows more than {@link Name}, so that UUIDs and ULIDs fit.
 */
export const PublicId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/u, {
    expected: "1-128 characters of A-Z a-z 0-9 _ -, starting with a letter or digit",
  }),
);

/**
 * The id of any aggregate: a {@link PublicId}, or an id with `=`, which only the backend creates. The ids of the tasks
 * and proposals of a deployment, a host or a space derive from its id and are predictable. Without the `=`, a client
 * could take such an id first and block the backend.
 */
export const AggregateId = Schema.String.check(
  Schema.isPattern(/^[A-Za-z0-9][A-Za-z0-9_=-]{0,199}$/u, {
    expected: "1-200 characters of A-Z a-z 0-9 _ - =, starting with a letter or digit",
  }),
);

const ownMark = "=";

/**
 * Returns the id of an aggregate that the backend creates for the aggregate `owner`. `name` is unique within that
 * owner.
 */
export const ownId = (owner: string, name: string): string => `${owner}${ownMark}${name}`;

/** Returns the owner in an id from {@link ownId}; undefined for any other id. */
export const ownerOf = (id: string): string | undefined => {
  const end = id.lastIndexOf(ownMark);
  return end < 0 ? undefined : id.slice(0, end);
};

/** Returns whether a client may create an aggregate with this id. */
export const isPublicId: (id: string) => boolean = Schema.is(PublicId);

/** Returns the id in the older form, which clients could take. Older logs contain such ids. */
export const olderIdOf = (id: string): string => id.replaceAll(ownMark, "-");

/** The sender of a command, the principal token of its subject. It has the form of {@link PublicId}. */
export const Principal = PublicId;

/** The id of a command: 1–256 printable ASCII characters without spaces (it travels as a header). */
export const CommandId = Schema.String.check(
  Schema.isPattern(/^[\x21-\x7e]{1,256}$/u, { expected: "1-256 printable ASCII characters without spaces" }),
);

const internalPrefix = "internal:";

/**
 * Returns the id of a command that the backend gives itself, from a name that is unique for its giver. These names are
 * predictable, so their ids have a name space of their own. Otherwise a client could send a command under such an id
 * first, and the backend's own command would count as a repetition.
 */
export const internalCommandId = (name: string): string => `${internalPrefix}${name}`;

/** Returns the name in an internal command id. In older logs the name was the whole id. */
export const internalCommandName = (commandId: string): string => commandId.slice(internalPrefix.length);

/** Returns whether a command id is in the name space of internal commands. */
export const isInternalCommandId = (commandId: string): boolean => commandId.startsWith(internalPrefix);
