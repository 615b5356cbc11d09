import { Schema } from "effect";
import { Capabilities } from "../domain/agent/capability.ts";
import { agent } from "../domain/agent/decider.ts";
import { defined } from "../domain/kernel/mod.ts";
import type { CommandSignature, Commit, StoredEvent } from "./ports/mod.ts";

/** A command with who asks and what came in its headers. */
export interface CommandRequest {
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  readonly payload: unknown;
  readonly principal: string;
  /** Only `internal` requests may give internal commands. */
  readonly audience: "public" | "internal";
  /** Its name among the commands of its principal on this aggregate. One is made up if it is left out. */
  readonly commandId?: string;
  readonly expectedVersion?: number;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly signed?: typeof CommandSignature.Type;
}

/** A command request that has its id, and the digest of its payload if it came from outside. */
export interface IdentifiedRequest extends CommandRequest {
  readonly commandId: string;
  readonly payloadDigest?: string;
}

/**
 * Returns the name of a command in its aggregate. It has the principal in it, because a command of one principal must
 * never count as the repetition of another's. Neither part can have a space.
 */
export const commandKey = (principal: string, commandId: string): string => `${principal} ${commandId}`;

/**
 * Whether a commit is that of this command. A commit without a digest has no payload to compare: it is older than
 * digests of payloads, or of an internal command, which its id names completely.
 */
export const isCommitOf = ({ command, payloadDigest }: IdentifiedRequest, commit: Commit): boolean =>
  commit.command === command && (commit.payloadDigest === undefined || commit.payloadDigest === payloadDigest);

/** The accepting reply of the contract. */
export interface CommandAccepted {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly commandId: string;
  readonly events: ReadonlyArray<string>;
  readonly duplicate: boolean;
  /** The capabilities that a registration asks for and nobody has granted. */
  readonly askedFor?: ReadonlyArray<string>;
}

const registers = Schema.is(Schema.Struct({ askedFor: Capabilities }));

/** The capabilities that these events of an agent leave to be granted. */
const askedForIn = (events: ReadonlyArray<StoredEvent>): ReadonlyArray<string> | undefined =>
  events.map(({ data }) => (registers(data) ? data.askedFor : undefined)).find((askedFor) => askedFor !== undefined);

/** The reply to a command whose commit is in the log, or that changed nothing (no events). */
export const accepted = (
  { aggregate, id, commandId }: IdentifiedRequest,
  commit: Pick<Commit, "firstVersion" | "position"> & { readonly events: ReadonlyArray<StoredEvent> },
  duplicate: boolean,
): CommandAccepted => ({
  aggregate,
  id,
  version: commit.firstVersion + commit.events.length - 1,
  position: commit.position,
  commandId,
  events: commit.events.map((event) => event.type),
  duplicate,
  ...defined({ askedFor: aggregate === agent.name ? askedForIn(commit.events) : undefined }),
});
