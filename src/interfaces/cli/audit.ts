import type { Command } from "commander";
import { CommandRefused } from "../../agents/kit/errors.ts";
import type { Client, Json } from "../../agents/kit/mod.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { decisionText } from "./decision-text.ts";
import { everyDocument } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation, Runner } from "./invocation.ts";
import { integer, moment } from "./settings.ts";
import { documentText, eventText, fieldOf, itemsOf, textOf } from "./text.ts";

interface LogOptions {
  readonly aggregate?: string;
  readonly id?: string;
  readonly actor?: string;
  readonly type?: string;
  readonly since?: string;
  readonly limit?: number;
}

const recordedText = (event: Json): string =>
  eventText({
    time: textOf(event, "time"),
    position: textOf(event, "position"),
    aggregate: textOf(event, "aggregate"),
    id: textOf(event, "id"),
    version: textOf(event, "version"),
    type: textOf(event, "type"),
    actor: textOf(event, "actor"),
    data: fieldOf(event, "data"),
  });

const log =
  ({ aggregate, id, actor, type, since: after, limit }: LogOptions) =>
  (cli: Invocation) =>
    withClient(cli, async (client) => {
      const input = defined({ aggregate, id, actor, type, after, limit });
      const { data } = await client.query("audit", "trail", input, { signal: cli.signal });
      if (cli.output.json) cli.output.document(data);
      for (const event of itemsOf(data, "items")) cli.output.result(recordedText(event));
      if (fieldOf(data, "cursor") !== undefined) cli.output.note("there are more: raise --limit, or narrow it down");
      return exitCode.done;
    });

/** An event's id has dots in it, a proposal's has none. */
const show = (id: string) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const isEvent = id.includes(".");
    const options = { signal: cli.signal };
    const { data } = isEvent
      ? await client.query("audit", "event", { id }, options)
      : await client.query("audit", "decision", { proposal: id }, options);
    if (cli.output.json) cli.output.document(data);
    cli.output.result(isEvent ? documentText(data) : decisionText(data));
    return exitCode.done;
  });

interface Moment {
  readonly position?: number;
  readonly time?: string;
}

const replayed = async (client: Client, aggregate: string, id: string, at: Moment, signal: AbortSignal) => {
  const { data } = await client.query("audit", "replay", { aggregate, id, ...at }, { signal });
  return {
    aggregate,
    id,
    version: fieldOf(data, "version"),
    position: fieldOf(data, "position"),
    state: fieldOf(data, "state") ?? null,
  };
};

/** An aggregate that was not there yet has no state. */
const unlessMissing = (error: unknown): undefined => {
  if (error instanceof CommandRefused && error.reason === "not-found") return undefined;
  throw error;
};

const replay =
  (which: { readonly aggregate: string; readonly id: string } | undefined, at: Moment) => (cli: Invocation) =>
    withClient(cli, async (client) => {
      if (which !== undefined) {
        const state = await replayed(client, which.aggregate, which.id, at, cli.signal);
        if (cli.output.json) cli.output.document(state);
        cli.output.result(documentText(state as Json));
        return exitCode.done;
      }
      const items = [];
      for await (const document of everyDocument(client, "audit", cli.signal)) {
        const [aggregate, id] = [textOf(document, "aggregate"), textOf(document, "aggregateId")];
        const state = await replayed(client, aggregate, id, at, cli.signal).catch(unlessMissing);
        if (state !== undefined) items.push(state);
      }
      if (cli.output.json) cli.output.document({ ...at, items });
      for (const item of items) cli.output.result(`${item.aggregate} ${item.id}:\n${documentText(item.state, "  ")}`);
      return exitCode.done;
    });

const findingText = (finding: Json): string =>
  `position ${textOf(finding, "position")}: ${textOf(finding, "event") || "the log"}: ${textOf(finding, "problem")}`;

const verify = (which: { readonly aggregate?: string; readonly id?: string }) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("audit", "verify", which, { signal: cli.signal });
    if (cli.output.json) cli.output.document(data);
    const ok = fieldOf(data, "ok") === true;
    const read = `${textOf(data, "commits")} commits, ${textOf(data, "events")} events`;
    cli.output.result(ok ? `unaltered: ${read}` : `ALTERED: ${read}`);
    const first = fieldOf(data, "first");
    if (first !== undefined) cli.output.result(`the first that does not fit: ${findingText(first)}`);
    for (const finding of itemsOf(data, "findings").slice(1)) cli.output.result(findingText(finding));
    return ok ? exitCode.done : exitCode.failed;
  });

const addReplay = (group: Command, runner: Runner): void => {
  group
    .command("replay [aggregate] [id]")
    .description("Prints the state of an aggregate, or of all, as it was.")
    .option("--at <time>", "at this moment: ISO 8601, or how long ago (10m)", (text) => moment(text))
    .option("--position <number>", "after this position of the log", integer(1))
    .action(
      (aggregate: string | undefined, id: string | undefined, options: { at?: string; position?: number }, command) =>
        runner.run(command, (cli) => {
          if ((options.at === undefined) === (options.position === undefined))
            throw usageFailure("audit replay needs either --at TIME or --position N");
          if (aggregate !== undefined && id === undefined)
            throw usageFailure(`audit replay ${aggregate}: name the id of the ${aggregate} too`);
          const which = aggregate === undefined || id === undefined ? undefined : { aggregate, id };
          const at = options.at === undefined ? { position: options.position ?? 0 } : { time: options.at };
          return replay(which, at)(cli);
        }),
    );
};

/** `cim audit`: what happened, who did it, how it was, and whether the log was altered. */
export const audit: CommandGroup = (program, runner) => {
  const group = program.command("audit").description("History, time travel, and proof that nothing was altered.");
  group
    .command("log")
    .description("Prints the events of the log, oldest first.")
    .option("--aggregate <name>", "only of this kind of aggregate, such as graph")
    .option("--id <id>", "only of the aggregate with this id")
    .option("--actor <principal>", "only what this one did")
    .option("--type <event>", "only events of this type, such as node-added")
    .option("--since <time>", "only after this moment: ISO 8601, or how long ago (10m)", (text) => moment(text))
    .option("--limit <count>", "at most so many", integer(1))
    .action((options: LogOptions, command) => runner.run(command, log(options)));
  group
    .command("show <id>")
    .description("Prints one event, by its id <aggregate>.<id>.<version>, or the whole story of a proposal, by its id.")
    .action((id: string, _options, command) => runner.run(command, show(id)));
  addReplay(group, runner);
  group
    .command("verify [aggregate] [id]")
    .description("Checks every chain, signature and tally from the log alone.")
    .action((aggregate: string | undefined, id: string | undefined, _options, command) =>
      runner.run(command, verify(defined({ aggregate, id }))),
    );
};
