import { JetStreamApiError } from "@nats-io/jetstream";

/** Whether the server answered a request of JetStream with this error. */
export const isApiError = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

/** "Wrong last sequence" of the leader of a cluster that still has a message of the subject under way. */
const underWay = 10164;
/** The codes of "wrong last sequence". */
const conflictCodes: ReadonlyArray<number> = [10071, underWay];

/**
 * Whether a conditional publish was refused because the leader of a cluster had not finished with the message before. It
 * may have acknowledged that one already, so the same publish can succeed a moment later.
 */
export const isTooSoon = (error: unknown): boolean => isApiError(error, underWay);

/** Whether a conditional publish was refused because another writer came first. */
export const isConflict = (error: unknown): boolean => conflictCodes.some((code) => isApiError(error, code));
