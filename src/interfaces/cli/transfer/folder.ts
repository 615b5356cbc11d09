import { join } from "node:path";
import { backUp } from "../../../infrastructure/nats/backup/backup.ts";
import { files, readManifest } from "../../../infrastructure/nats/backup/manifest.ts";
import { checkFiles, checkLogOf, importLog, restoreFiles } from "../../../infrastructure/nats/backup/restore.ts";
import { beginLog, finishLog } from "../../../infrastructure/nats/backup/write-log.ts";
import { exitCode } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { version } from "../program.ts";
import { acceptFindings, verified, withProgress, withStore } from "./store.ts";
import type { StoreOptions } from "./store-option.ts";

/** Writes a backup into a folder. */
export const makeBackup = (folder: string, options: StoreOptions) => (cli: Invocation) =>
  withStore(cli, options, async (connection) => {
    const manifest = await withProgress(cli, "backing up the log", (following) =>
      backUp(connection, folder, version(), following),
    );
    const { log, artifacts, hosts, unreadable } = manifest;
    if (cli.output.json) cli.output.document({ folder, ...manifest });
    cli.output.result(
      `backed up to ${folder}: the log up to position ${log.to}, ${artifacts.length} artifacts, ${hosts.entries} entries of simulated hosts`,
    );
    for (const digest of unreadable)
      cli.output.note(
        `the store cannot read the artifact ${digest}: it is not in the backup, and is rendered again when it is needed`,
      );
    return exitCode.done;
  });

export interface RestoreOptions extends StoreOptions {
  readonly withFindings?: true;
}

/** Puts a backup into an empty store. It says *restored* only if all of it is there. */
export const restoreFrom = (folder: string, options: RestoreOptions) => (cli: Invocation) =>
  withStore(cli, options, async (connection) => {
    const manifest = await readManifest(folder);
    const hosts = await checkFiles(folder, manifest);
    const end = await withProgress(cli, "checking the backup", (following) => checkLogOf(folder, manifest, following));
    await beginLog(connection, "cim restore");
    await restoreFiles(connection, folder, manifest, hosts, cli.signal);
    const log = join(folder, files.log);
    await withProgress(cli, "writing the log", (following) => importLog(connection, log, end, following));
    const result = await withProgress(cli, "verifying the log", (following) => verified(connection, end, following));
    acceptFindings("what was restored", result, options.withFindings === true);
    await finishLog(connection);
    const { commits, events, findings } = result;
    const artifacts = manifest.artifacts.length;
    if (cli.output.json)
      cli.output.document({ ok: true, positions: end.to, commits, events, digest: end.digest, artifacts, findings });
    cli.output.result(
      `restored: the log up to position ${end.to} (${commits} commits, ${events} events), ${artifacts} artifacts; \`cim up\` makes the rest again`,
    );
    return exitCode.done;
  });
