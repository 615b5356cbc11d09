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
  readonly commandId?: string;
  readonly expectedVersion?: number;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly signed?: typeof CommandSignature.Type;
}

/** The accepting reply of the contract. */
export interface CommandAccepted {
  readonly aggregate: string;
  readonly id: string;
  readonly version: number;
  readonly position: number;
  readonly commandId: string;
  readonly events: ReadonlyArray<string>;
  readonly duplicate: boolean;
}

/** The reply to a command whose commit is in the log, or that changed nothing (no events). */
export const accepted = (
  { aggregate, id }: CommandRequest,
  commandId: string,
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
});
