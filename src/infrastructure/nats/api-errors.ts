import { JetStreamApiError } from "@nats-io/jetstream";

/** Whether the server answered a request of JetStream with this error. */
export const isApiError = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

/** The codes of "wrong last sequence": of a single server, and of the leader of a cluster. */
const conflictCodes: ReadonlyArray<number> = [10071, 10164];

/** Whether a conditional publish was refused because another writer came first. */
export const isConflict = (error: unknown): boolean => conflictCodes.some((code) => isApiError(error, code));
