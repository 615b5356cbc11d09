import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { Effect, Option } from "effect";
import { Artifacts } from "../../../application/ports/mod.ts";
import { artifactsLayer } from "../artifacts.ts";
import { NatsConnection } from "../connection.ts";
import { bucketEntries, objectNames } from "./buckets.ts";
import { endLineOf, type LogEnd, lineDigest, lineOf, sha256Of } from "./line.ts";
import { files, type Manifest } from "./manifest.ts";
import { endOfWholeLog, readRawLog } from "./raw-log.ts";

type Connection = NatsConnection["Service"];

/** Takes a text. The writer waits for the returned promise while there is no room for more. */
export type Take = (text: string) => Promise<void> | void;

export interface Following {
  /** Called with the position that was reached, and with the last position if it is known. */
  readonly onPosition: (position: number, end?: number) => void;
  readonly signal: AbortSignal;
}

/** Writes the lines of the log from one position to another, and then the last line of the export. */
export const exportLog = async (
  connection: Connection,
  { from, to }: { readonly from: number; readonly to: number },
  take: Take,
  { onPosition, signal }: Following,
): Promise<LogEnd> => {
  const source = `/${connection.names.prefix}`;
  const digest = lineDigest();
  for await (const messages of readRawLog(connection, from, to, signal)) {
    let text = "";
    for (const message of messages) text += lineOf(message, source);
    digest.add(text);
    await take(text);
    const last = messages.at(-1);
    if (last !== undefined) onPosition(last.position, to);
  }
  const end = { source, from, to, digest: digest.digest() };
  await take(endLineOf(end));
  return end;
};

/** The mode of exported files. A log has names and reasons that other users of the machine must not read. */
const onlyOwner = 0o600;

/**
 * Writes a file under the name `<file>.partial`, and renames it to `<file>` when it is whole and on disk. Otherwise a
 * crash would leave half a file that looks whole. If writing fails, the partial file is removed.
 */
export const writeWhole = async <A>(file: string, write: (take: Take) => Promise<A>): Promise<A> => {
  const partial = `${file}.partial`;
  const stream = createWriteStream(partial, { mode: onlyOwner });
  const failed = once(stream, "error").then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  try {
    const result = await write(async (text) => {
      if (!stream.write(text)) await Promise.race([once(stream, "drain"), failed]);
    });
    stream.end();
    await Promise.race([once(stream, "close"), failed]);
    await synced(partial);
    await rename(partial, file);
    return result;
  } catch (error) {
    // A stream that is still opening makes the file later. The file can be removed only after that.
    stream.destroy();
    await finished(stream).catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
};

const synced = async (path: string): Promise<void> => {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes a folder, or checks that it is empty. */
export const emptyFolder = async (folder: string): Promise<void> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [first] = await readdir(folder);
  if (first !== undefined)
    throw new Error(`${folder} is not empty (${first} is in it): name a new folder, or remove it`);
};

/** Writes every artifact under its digest. Returns the names that were written, and those that could not be read. */
const backupArtifacts = async (connection: Connection, folder: string, signal: AbortSignal) => {
  const names = await objectNames(connection, connection.names.buckets.artifacts);
  const kept: Array<string> = [];
  const unreadable: Array<string> = [];
  await mkdir(folder);
  if (names.length === 0) return { kept, unreadable };
  const copy = Effect.gen(function* () {
    const { get } = yield* Artifacts;
    for (const name of names) {
      const text = yield* Effect.orElseSucceed(get(name), () => Option.none<string>());
      if (Option.isNone(text)) unreadable.push(name);
      else {
        kept.push(name);
        yield* Effect.promise(() => writeFile(join(folder, name), text.value));
      }
    }
  });
  await Effect.runPromise(
    copy.pipe(Effect.provide(artifactsLayer), Effect.provideService(NatsConnection, connection)),
    { signal },
  );
  return { kept, unreadable };
};

/** Returns a text of JSON Lines. */
export const jsonLines = (values: ReadonlyArray<unknown>): string =>
  values.map((value) => `${JSON.stringify(value)}\n`).join("");

/**
 * Writes a backup of the installation into a folder. Returns its manifest. The installation may keep running: the log
 * is read up to its current end, and everything else after that. An artifact is stored before the commit that names it,
 * and never changes. So the backup has every artifact that its log names. Data that can be rebuilt from the log is left
 * out.
 */
export const backUp = async (
  connection: Connection,
  folder: string,
  version: string,
  following: Following,
): Promise<Manifest> => {
  const { names, nc } = connection;
  const to = await endOfWholeLog(connection);
  await emptyFolder(folder);
  const log = join(folder, files.log);
  const { digest } = await writeWhole(log, (take) => exportLog(connection, { from: 1, to }, take, following));
  const { kept, unreadable } = await backupArtifacts(connection, join(folder, files.artifacts), following.signal);
  const hosts = await bucketEntries(connection, names.buckets.simulatedHosts);
  const text = jsonLines(hosts);
  await writeFile(join(folder, files.hosts), text);
  const manifest: Manifest = {
    format: 1,
    prefix: names.prefix,
    madeAt: new Date().toISOString(),
    versions: { cim: version, server: nc.info?.version ?? "" },
    log: { to, digest, bytes: (await stat(log)).size },
    artifacts: kept,
    unreadable,
    hosts: { entries: hosts.length, digest: sha256Of(text) },
  };
  await writeWhole(join(folder, files.manifest), async (take) => take(`${JSON.stringify(manifest, undefined, 2)}\n`));
  await synced(folder);
  return manifest;
};
