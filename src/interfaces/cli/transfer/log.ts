import { once } from "node:events";
import { existsSync } from "node:fs";
import { Writable } from "node:stream";
import { exportLog, type Take, writeWhole } from "../../../infrastructure/nats/backup/backup.ts";
import { endOfWholeLog } from "../../../infrastructure/nats/backup/raw-log.ts";
import { checkLogFile, importLog } from "../../../infrastructure/nats/backup/restore.ts";
import { beginLog, finishLog } from "../../../infrastructure/nats/backup/write-log.ts";
import { CliFailure, exitCode, usageFailure } from "../errors.ts";
import type { Invocation } from "../invocation.ts";
import { acceptFindings, verified, withProgress, withStore } from "./store.ts";
import type { StoreOptions } from "./store-option.ts";

export interface ExportOptions extends StoreOptions {
  readonly from?: number;
  readonly to?: number;
  readonly file?: string;
}

/** Writes to standard output, and waits while its reader cannot take more. */
const toStdout =
  ({ host: { stdout }, signal }: Invocation): Take =>
  async (text) => {
    if (stdout.write(text) === false && stdout instanceof Writable) await once(stdout, "drain", { signal });
  };

/** Writes the log, or a part of it, to a file or to standard output. */
export const exportTo =
  ({ from = 1, to, file, ...where }: ExportOptions) =>
  (cli: Invocation) => {
    if (file === undefined && cli.host.stdout.isTTY === true)
      throw usageFailure("audit export: the log goes to a file: give --file, or a pipe");
    if (file !== undefined && existsSync(file)) throw new CliFailure(`${file} is there already: name another file`);
    return withStore(cli, where, async (connection) => {
      const end = await endOfWholeLog(connection);
      const last = Math.min(to ?? end, end);
      if (from > Math.max(last, 1))
        throw new CliFailure(`the log has no positions from ${from} to ${to ?? end}: it ends at ${end}`);
      const write = (take: Take) =>
        withProgress(cli, "exporting the log", (following) =>
          exportLog(connection, { from, to: last }, take, following),
        );
      const { source: _, ...range } = await (file === undefined ? write(toStdout(cli)) : writeWhole(file, write));
      if (file === undefined) cli.output.note(`exported positions ${from} to ${last}: ${range.digest}`);
      else {
        if (cli.output.json) cli.output.document({ file, ...range });
        cli.output.result(`exported positions ${from} to ${last} to ${file}: ${range.digest}`);
      }
      return exitCode.done;
    });
  };

export interface ImportOptions extends StoreOptions {
  readonly withFindings?: true;
}

/** Makes the log of a file in an empty store. */
export const importFrom = (file: string, options: ImportOptions) => (cli: Invocation) =>
  withStore(cli, options, async (connection) => {
    const end = await withProgress(cli, "checking the file", (following) => checkLogFile(file, following));
    await beginLog(connection, "cim audit import");
    await withProgress(cli, "writing the log", (following) => importLog(connection, file, end, following));
    const result = await withProgress(cli, "verifying the log", (following) => verified(connection, end, following));
    acceptFindings("what was imported", result, options.withFindings === true);
    await finishLog(connection);
    const { commits, events, findings } = result;
    if (cli.output.json)
      cli.output.document({ ok: true, positions: end.to, commits, events, digest: end.digest, findings });
    cli.output.result(
      `imported: the same log, ${end.to} positions, ${commits} commits, ${events} events: ${end.digest}`,
    );
    return exitCode.done;
  });
