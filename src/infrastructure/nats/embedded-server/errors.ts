import { Schema } from "effect";

/** There is no nats-server to start. */
export class ServerBinaryMissing extends Schema.TaggedError<ServerBinaryMissing>()("ServerBinaryMissing", {
  message: Schema.String,
}) {}

/** Another process listens on the port. */
export class PortInUse extends Schema.TaggedError<PortInUse>()("PortInUse", {
  port: Schema.Int,
  message: Schema.String,
}) {}

/** The directory of the store cannot be made or written. */
export class StoreNotWritable extends Schema.TaggedError<StoreNotWritable>()("StoreNotWritable", {
  store: Schema.String,
  message: Schema.String,
}) {}

/** The file system of the store is full. */
export class StoreFull extends Schema.TaggedError<StoreFull>()("StoreFull", {
  store: Schema.String,
  message: Schema.String,
}) {}

/** Another live server has this store. Two servers on one store would destroy it. */
export class StoreInUse extends Schema.TaggedError<StoreInUse>()("StoreInUse", {
  store: Schema.String,
  message: Schema.String,
}) {}

/** The server ended before it was ready, or did not become ready in time. */
export class ServerFailed extends Schema.TaggedError<ServerFailed>()("ServerFailed", {
  message: Schema.String,
}) {}

export type EmbeddedServerError =
  | ServerBinaryMissing
  | PortInUse
  | StoreNotWritable
  | StoreFull
  | StoreInUse
  | ServerFailed;

/** Returns the error that a line of the server's log reports. */
export const failureOf = (line: string, store: string, port: number): EmbeddedServerError => {
  if (/address already in use/i.test(line))
    return new PortInUse({
      port,
      message: `port ${port} is already in use: choose another with --port, or stop what listens there`,
    });
  if (/no space left on device|insufficient storage/i.test(line)) return storeFull(store);
  if (/read-only file system|permission denied/i.test(line)) return storeNotWritable(store, line);
  return new ServerFailed({
    message: `nats-server ended before it was ready${line === "" ? "" : `: ${line}`}`,
  });
};

/** Returns the error for a full file system. */
export const storeFull = (store: string) =>
  new StoreFull({ store, message: `the store ${store} has no room left: free some, or choose another with --store` });

/** Returns the error for a store that cannot be written. `reason` says why. */
export const storeNotWritable = (store: string, reason: string) =>
  new StoreNotWritable({
    store,
    message: `the store ${store} cannot be written (${reason}): choose another directory with --store`,
  });
