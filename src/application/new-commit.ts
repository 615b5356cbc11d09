import { canonicalJson, defined } from "../domain/kernel/mod.ts";
import type { DecidedEvent } from "./aggregate.ts";
import type { IdentifiedRequest } from "./command-request.ts";
import type { Loaded } from "./history.ts";
import type { Digests, NewCommit, StoredEvent } from "./ports/mod.ts";

/**
 * What a commit is sealed with: the SHA-256 of the canonical JSON of everything in it besides the seal, where each event
 * stands for itself by its content id. Content ids cover what happened; the seal covers who, when and why.
 */
export const sealOf = (
  { seal: _, events, ...envelope }: NewCommit & { readonly position?: number },
  sha256: (text: string) => string,
): string => {
  const { position: __, ...stored } = envelope;
  return sha256(canonicalJson({ ...stored, events: events.map(({ cid }) => cid) }));
};

type ContentId = Digests["Service"]["cid"];

/** Events with their content ids, each chained to the one before it in the aggregate. */
const chained = (
  { lastCid, version }: Loaded,
  [first, ...rest]: readonly [DecidedEvent, ...ReadonlyArray<DecidedEvent>],
  cid: ContentId,
): NewCommit["events"] => {
  let previous = lastCid ?? null;
  const link = ({ type, schemaVersion, data }: DecidedEvent, index: number): StoredEvent => {
    previous = cid({ content: { type, schemaVersion, data }, previous, sequence: version + index + 1 });
    return { type, schemaVersion, data, cid: previous };
  };
  return [link(first, 0), ...rest.map((event, index) => link(event, index + 1))];
};

/** The commit of an accepted command: its events after those of the aggregate as it was loaded. */
export const newCommit = (
  request: IdentifiedRequest & { readonly time: string },
  loaded: Loaded,
  events: readonly [DecidedEvent, ...ReadonlyArray<DecidedEvent>],
  { cid, sha256 }: Pick<Digests["Service"], "cid" | "sha256">,
): NewCommit => {
  const { aggregate, id, command, commandId, time, causationId, traceparent, signed, payloadDigest } = request;
  const commit: NewCommit = {
    aggregate,
    id,
    command,
    commandId,
    time,
    firstVersion: loaded.version + 1,
    actor: request.principal,
    correlationId: request.correlationId ?? commandId,
    ...defined({ causationId, traceparent, signed, payloadDigest, previousCid: loaded.lastCid }),
    events: chained(loaded, events, cid),
  };
  return { ...commit, seal: sealOf(commit, sha256) };
};
