import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Result, Schema } from "effect";
import { messageOf } from "../../message-of.ts";
import { FileDamaged } from "./log-file.ts";

/** The files of a backup, in its folder. */
export const files = {
  manifest: "manifest.json",
  log: "log.jsonl",
  artifacts: "artifacts",
  hosts: "simulated-hosts.jsonl",
} as const;

/** The contents of a backup. The manifest is written last: a folder without it is not a whole backup. */
export const Manifest = Schema.Struct({
  /** The version of the format. */
  format: Schema.Literal(1),
  /** The installation: the prefix of its subjects. */
  prefix: Schema.String,
  /** When it was made, by the clock of the machine that made it. */
  madeAt: Schema.String,
  versions: Schema.Struct({ cim: Schema.String, server: Schema.String }),
  /** The log from its beginning; `digest` is that of its last line. */
  log: Schema.Struct({ to: Schema.Int, digest: Schema.String, bytes: Schema.Int }),
  /** Generated files. The name of each is its digest. */
  artifacts: Schema.Array(Schema.String),
  /** Artifacts that the store could not read. They are rendered again when they are needed. */
  unreadable: Schema.Array(Schema.String),
  /** The simulated hosts: the number of entries, and the digest of their file. */
  hosts: Schema.Struct({ entries: Schema.Int, digest: Schema.String }),
});
export type Manifest = typeof Manifest.Type;

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Manifest));

/** Reads the manifest of a backup. Throws `FileDamaged` if the folder has none that is understood. */
export const readManifest = async (folder: string): Promise<Manifest> => {
  const file = join(folder, files.manifest);
  const text = await readFile(file, "utf8").catch((cause) => {
    throw new FileDamaged(
      `${folder} is not a whole backup: ${files.manifest} cannot be read; it is written last, so make another backup`,
      { cause },
    );
  });
  const manifest = decode(text);
  if (Result.isSuccess(manifest)) return manifest.success;
  throw new FileDamaged(
    `${file} is not the manifest of a backup of this version: ${messageOf(manifest.failure)}; use another copy, or a newer \`cim\``,
  );
};
