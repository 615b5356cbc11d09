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

/** The store directory cannot be made or written. */
export class StoreNotWritable extends Schema.TaggedError<StoreNotWritable>()("StoreNotWritable", {
  store: Schema.String,
  message: Schema.String,
}) {}

/** No room is left where the store is. */
export class StoreFull extends Schema.TaggedError<StoreFull>()("StoreFull", {
  store: Schema.String,
  message: Schema.String,
}) {}

/** Another live server has this store: two on one store would destroy it. */
export class StoreInUse extends Schema.TaggedError<StoreInUse>()("StoreInUse", {
  store: Schema.String,
  message: Schema.String,
}) {}

/** The server ended before it was ready, or did not get ready. */
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

/** What a line of the server's log means for the one who wanted to start it. */
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

/** No room is left where `store` is. */
export const storeFull = (store: string) =>
  new StoreFull({ store, message: `the store ${store} has no room left: free some, or choose another with --store` });

/** `store` cannot be written, for `reason`. */
export const storeNotWritable = (store: string, reason: string) =>
  new StoreNotWritable({
    store,
    message: `the store ${store} cannot be written (${reason}): choose another directory with --store`,
  });
