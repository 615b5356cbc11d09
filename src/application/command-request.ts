import { Schema } from "effect";
import { Capabilities } from "../domain/agent/capability.ts";
import { agent } from "../domain/agent/decider.ts";
import { defined } from "../domain/kernel/mod.ts";
import type { CommandSignature, Commit, StoredEvent } from "./ports/mod.ts";

/** A command with its sender and its headers. */
export interface CommandRequest {
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  readonly payload: unknown;
  readonly principal: string;
  /** Only an `internal` request may give internal commands. */
  readonly audience: "public" | "internal";
  /** The name of the command among those of its principal on this aggregate. A missing one is generated. */
  readonly commandId?: string;
  readonly expectedVersion?: number;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly signed?: typeof CommandSignature.Type;
}

/** A command request with its id, and the digest of its payload if it came from a client. */
export interface IdentifiedRequest extends CommandRequest {
  readonly commandId: string;
  readonly payloadDigest?: string;
}

/**
 * Returns the key of a command in its aggregate. The key includes the principal, because a command of one principal
 * must never count as a repetition of another's. Neither part can contain a space.
 */
export const commandKey = (principal: string, commandId: string): string => `${principal} ${commandId}`;

/**
 * Returns whether a commit belongs to this command. A commit without a digest has no payload to compare. It is either
 * older than payload digests, or of an internal command, which its id identifies completely.
 */
export const isCommitOf = ({ command, payloadDigest }: IdentifiedRequest, commit: Commit): boolean =>
  commit.command === command && (commit.payloadDigest === undefined || commit.payloadDigest === payloadDigest);

/** The accepting reply in the contract. */
export interface CommandAccepted {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly commandId: string;
  readonly events: ReadonlyArray<string>;
  readonly duplicate: boolean;
  /** The capabilities that a registration asks for and that are not granted. */
  readonly askedFor?: ReadonlyArray<string>;
}

const registers = Schema.is(Schema.Struct({ askedFor: Capabilities }));

/** Returns the capabilities that these events of an agent leave ungranted. */
const askedForIn = (events: ReadonlyArray<StoredEvent>): ReadonlyArray<string> | undefined =>
  events.map(({ data }) => (registers(data) ? data.askedFor : undefined)).find((askedFor) => askedFor !== undefined);

/** Returns the reply to a command whose commit is in the log, or that changed nothing (no events). */
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
