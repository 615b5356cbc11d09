import { createInterface } from "node:readline";
import type { Command } from "commander";
import type { Client } from "../../agents/kit/mod.ts";
import { dialog } from "../../domain/dialog/decider.ts";
import type { TranscriptEntry } from "../../domain/dialog/transcript.ts";
import { addPublicCommands, reportAccepted } from "./aggregate-commands.ts";
import { unchecked, withClient } from "./connection.ts";
import { CliFailure, exitCode, messageOf, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation, Runner } from "./invocation.ts";
import { columns } from "./listing.ts";
import { addPayloadOptions, payloadFields, payloadOf } from "./payload-options.ts";
import { entryLines, followTranscript, headLines, transcriptPages } from "./transcript.ts";
import { addViewCommands } from "./views.ts";

/** Prints the transcript. Returns the number of its last entry. */
const printAll = async ({ output, signal }: Invocation, client: Client, id: string): Promise<number> => {
  let last = 0;
  for await (const page of transcriptPages(client, id, signal)) {
    if (output.json) output.document(page);
    else if (last === 0) output.result(headLines(page));
    for (const entry of page.entries) output.result(entryLines(entry, output));
    last += page.entries.length;
  }
  return last;
};

const printEntry = ({ output }: Invocation, entry: TranscriptEntry): void => {
  if (output.json) output.document(entry);
  output.result(entryLines(entry, output));
};

const show = (id: string, follow: boolean) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const last = await printAll(cli, client, id);
    if (!follow) return exitCode.done;
    for await (const entry of followTranscript(client, id, cli.signal, last + 1)) printEntry(cli, entry);
    return cli.signal.aborted ? exitCode.interrupted : exitCode.done;
  });

/** `say ID TEXT`, with an option for each other field. The text may also be given with `--text`. */
const addSay = (group: Command, runner: Runner): void => {
  const fields = payloadFields(dialog.commands.say.schema).map((field) =>
    field.name === "text" ? { ...field, required: false } : field,
  );
  const command = group.command("say <id> [text]").description(dialog.commands.say.description);
  addPayloadOptions(command, fields);
  command.action((id: string, text: string | undefined) =>
    runner.run(command, async (cli) => {
      const given = await payloadOf(cli.host, command, fields);
      const payload = text === undefined ? given : { ...given, text };
      if (!("text" in payload)) throw usageFailure(`dialogs say ${id}: say what: cim dialogs say ${id} "TEXT"`);
      return withClient(cli, async (client) => {
        reportAccepted(cli, await unchecked(client)("dialog", id, "say", payload, { signal: cli.signal }));
        return exitCode.done;
      });
    }),
  );
};

/**
 * Says each line of standard input, one after another. A line that is refused is reported, and the next one is tried.
 * Returns whether all lines were accepted.
 */
const sayLines = async ({ host, output }: Invocation, client: Client, id: string, signal: AbortSignal) => {
  let accepted = true;
  for await (const line of createInterface({ input: host.stdin, signal })) {
    if (line.trim() === "") continue;
    try {
      await client.command("dialog", id, "say", { text: line }, { signal });
    } catch (error) {
      if (signal.aborted) return accepted;
      output.note(messageOf(error));
      accepted = false;
    }
  }
  return accepted;
};

/** Prints what others say and says the lines of the input. Ends with the input, or when the dialog is closed. */
const chat = (id: string) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const ended = new AbortController();
    const signal = AbortSignal.any([cli.signal, ended.signal]);
    const last = await printAll(cli, client, id);
    const listening = (async () => {
      for await (const entry of followTranscript(client, id, signal, last + 1)) printEntry(cli, entry);
    })();
    const saying = sayLines(cli, client, id, signal);
    try {
      const accepted = await Promise.race([saying, listening.then(() => true)]);
      if (cli.signal.aborted) return exitCode.interrupted;
      return accepted ? exitCode.done : exitCode.rejected;
    } finally {
      ended.abort(new CliFailure(`the chat in ${id} is over`));
      await Promise.allSettled([saying, listening]);
    }
  });

const dialogColumns = columns<"dialogs">("id", "type", "status", "topic", "participants", "turnCount", "updatedAt");

/** `cim dialogs`: the commands of dialogs, transcripts, and a way to take part line by line. */
export const dialogs: CommandGroup = (program, runner) => {
  const group = program.command("dialogs").description(dialog.description);
  addViewCommands(group, "dialogs", dialogColumns, runner);
  group
    .command("show <id>")
    .description("Prints what happened in a dialog: who said what, when, to whom and why.")
    .option("--follow", "go on with what comes, until the dialog is closed")
    .option("--watch", "the same as --follow")
    .action((id: string, { follow, watch }: { follow?: boolean; watch?: boolean }, command) =>
      runner.run(command, show(id, follow === true || watch === true)),
    );
  addSay(group, runner);
  group
    .command("chat <id>")
    .description("Shows a dialog as it goes on, and says each line of standard input; you are --as.")
    .action((id: string, _options, command) => runner.run(command, chat(id)));
  addPublicCommands(group, dialog, runner);
};
