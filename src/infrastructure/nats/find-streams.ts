import { JetStreamApiCodes, type JetStreamManager, type StreamInfo } from "@nats-io/jetstream";
import { isApiError } from "./api-errors.ts";

/** Returns the stream of this name; undefined if there is none. */
export const findStream = (manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> =>
  manager.streams.info(name).catch((error) => {
    if (isApiError(error, JetStreamApiCodes.StreamNotFound)) return undefined;
    throw error;
  });

/** Returns the streams of an installation and of its buckets, sorted by name. */
export const installationStreams = async (
  manager: JetStreamManager,
  prefix: string,
): Promise<ReadonlyArray<StreamInfo>> => {
  const starts = [`${prefix.toUpperCase()}_`, `KV_${prefix}_`, `OBJ_${prefix}_`];
  const found: Array<StreamInfo> = [];
  for await (const info of manager.streams.list())
    if (starts.some((start) => info.config.name.startsWith(start))) found.push(info);
  return found.sort((one, other) => one.config.name.localeCompare(other.config.name));
};
