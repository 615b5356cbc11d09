import { readFile, rename, writeFile } from "node:fs/promises";
import { Option, Schema } from "effect";

/** A session as it outlives the process. Only the digest of its secret is kept: the file logs nobody in. */
const KeptSession = Schema.Struct({
  digest: Schema.String,
  principal: Schema.String,
  startedAt: Schema.Finite,
  lastUsed: Schema.Finite,
});
export type KeptSession = typeof KeptSession.Type;

/** Where the sessions are kept while the process is away. */
export interface SessionFile {
  /** What was written last; nothing if there is no file, or it cannot be read: people log in again then. */
  readonly read: () => Promise<ReadonlyArray<KeptSession>>;
  /** Resolves when the file has these sessions, or newer ones. */
  readonly write: (sessions: ReadonlyArray<KeptSession>) => Promise<void>;
}

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Array(KeptSession)));

/** A file that this process alone writes. It is replaced as a whole, so that a killed process leaves no half of one. */
export const sessionFile = (path: string): SessionFile => {
  let writing = Promise.resolve();
  const replace = async (text: string) => {
    const next = `${path}.next`;
    await writeFile(next, text, { mode: 0o600 });
    await rename(next, path);
  };
  return {
    read: async () => Option.getOrElse(decode(await readFile(path, "utf8").catch(() => "[]")), () => []),
    write: (sessions) => {
      const text = JSON.stringify(sessions);
      // Without room on the disk, sessions live as long as the process.
      writing = writing.then(() => replace(text)).catch(() => undefined);
      return writing;
    },
  };
};

/** Keeps nothing: sessions end with the process. */
export const noSessionFile: SessionFile = { read: async () => [], write: async () => undefined };
