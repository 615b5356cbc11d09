import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Effect, Stream } from "effect";
import { Artifacts, StoreUnavailable } from "../../../application/ports/mod.ts";
import { messageOf } from "../../message-of.ts";
import { artifactsLayer } from "../artifacts.ts";
import { NatsConnection } from "../connection.ts";
import { type Following, jsonLines } from "./backup.ts";
import { bucketEntries, type Entry, writeBucket } from "./buckets.ts";
import { type LogEnd, lineDigest, lineOf, logMessageOf, sha256Of } from "./line.ts";
import { FileDamaged, readLogFile } from "./log-file.ts";
import { files, type Manifest } from "./manifest.ts";
import { endOfLog, readRawLog } from "./raw-log.ts";
import { writeLog } from "./write-log.ts";

type Connection = NatsConnection["Service"];

/** The store does not have what was written to it. */
export class NotTheSame extends Error {
  override readonly name = "NotTheSame";
}

/**
 * Reads a whole file and returns the data of its last line. Throws `FileDamaged` at the first line that does not fit.
 */
export const checkLogFile = async (file: string, { onPosition, signal }: Following): Promise<LogEnd> => {
  const messages = readLogFile(file);
  for (;;) {
    signal.throwIfAborted();
    const { done, value } = await messages.next();
    if (done) {
      if (value.from !== 1)
        throw new FileDamaged(
          `${file} begins at position ${value.from}: a log is imported from its first position on; export all of it`,
        );
      return value;
    }
    onPosition(value.position);
  }
};

/** Writes the messages of a checked file into a log that an import has begun. */
export const importLog = (connection: Connection, file: string, end: LogEnd, { onPosition, signal }: Following) => {
  const messages = async function* () {
    for await (const message of readLogFile(file)) {
      signal.throwIfAborted();
      yield message;
    }
  };
  return writeLog(connection, messages(), (position) => onPosition(position, end.to));
};

/**
 * Returns the messages of the log in the store, so that the caller can verify them. The stream fails at its end if they
 * are not, byte for byte, those of the file.
 */
export const readBack = (connection: Connection, end: LogEnd, { onPosition, signal }: Following) => {
  const digest = lineDigest();
  const messages = async function* () {
    const last = await endOfLog(connection);
    if (last !== end.to) throw new NotTheSame(`the log ends at position ${last}, and should at ${end.to}`);
    for await (const batch of readRawLog(connection, 1, end.to, signal)) {
      for (const message of batch) digest.add(lineOf(message, end.source));
      yield* batch.map(logMessageOf);
      onPosition(batch.at(-1)?.position ?? 0, end.to);
    }
    if (digest.digest() !== end.digest) throw new NotTheSame("the log in the store is not the log of the file");
  };
  return Stream.fromAsyncIterable(messages(), (error) => new StoreUnavailable({ message: messageOf(error) }));
};

const restored = (folder: string, why: string, cause?: unknown): FileDamaged =>
  new FileDamaged(`${folder}: ${why}; use another copy, or make another backup`, { cause });

/** Checks everything in a backup but its log against the manifest. Returns the entries of the simulated hosts. */
export const checkFiles = async (folder: string, manifest: Manifest): Promise<ReadonlyArray<Entry>> => {
  const artifacts = join(folder, files.artifacts);
  const there = new Set(await readdir(artifacts).catch(() => []));
  for (const name of manifest.artifacts) {
    if (!there.has(name)) throw restored(folder, `the artifact ${name} is missing`);
    if (sha256Of(await readFile(join(artifacts, name))) !== name)
      throw restored(folder, `the artifact ${name} is damaged`);
  }
  const text = await readFile(join(folder, files.hosts), "utf8").catch((cause) => {
    throw restored(folder, `${files.hosts} is missing`, cause);
  });
  if (sha256Of(text) !== manifest.hosts.digest) throw restored(folder, `${files.hosts} is damaged`);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Entry => JSON.parse(line));
};

/** Checks that the log of a backup is that of its manifest. */
export const checkLogOf = async (folder: string, { log }: Manifest, following: Following): Promise<LogEnd> => {
  const end = await checkLogFile(join(folder, files.log), following);
  if (end.to !== log.to)
    throw restored(
      folder,
      `its log ends at position ${end.to}, and that of the manifest at ${log.to}: it is another log`,
    );
  if (end.digest !== log.digest) throw restored(folder, "its log is not that of the manifest");
  return end;
};

/** Restores the data that is not in the log, and reads it back. Throws `NotTheSame` if it differs. */
export const restoreFiles = async (
  connection: Connection,
  folder: string,
  { artifacts }: Manifest,
  hosts: ReadonlyArray<Entry>,
  signal: AbortSignal,
): Promise<void> => {
  const put = Effect.gen(function* () {
    const store = yield* Artifacts;
    for (const name of artifacts) {
      yield* store.put(name, yield* Effect.promise(() => readFile(join(folder, files.artifacts, name))));
      if (!(yield* store.has(name)))
        return yield* Effect.die(new NotTheSame(`the artifact ${name} is not in the store`));
    }
  });
  await Effect.runPromise(put.pipe(Effect.provide(artifactsLayer), Effect.provideService(NatsConnection, connection)), {
    signal,
  });
  const bucket = connection.names.buckets.simulatedHosts;
  await writeBucket(connection, bucket, hosts);
  if (jsonLines(await bucketEntries(connection, bucket)) !== jsonLines(hosts))
    throw new NotTheSame(`the bucket ${bucket} is not as it was`);
};
