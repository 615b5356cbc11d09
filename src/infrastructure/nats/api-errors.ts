import { JetStreamApiError } from "@nats-io/jetstream";

/** Returns whether the server answered a JetStream request with this error. */
export const isApiError = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

/** "Wrong last sequence", from the leader of a cluster that has not stored the previous message of the subject yet. */
const underWay = 10164;
/** The codes of "wrong last sequence". */
const conflictCodes: ReadonlyArray<number> = [10071, underWay];

/**
 * Returns whether a conditional publish was refused because the leader of a cluster had not finished with the previous
 * message. It may have acknowledged that one already, so the same publish can succeed a moment later.
 */
export const isTooSoon = (error: unknown): boolean => isApiError(error, underWay);

/** Returns whether a conditional publish was refused because another writer came first. */
export const isConflict = (error: unknown): boolean => conflictCodes.some((code) => isApiError(error, code));
