import { InvalidArgumentError } from "commander";
import type { FeedOptions } from "../../agents/kit/mod.ts";
import { choiceText } from "../../domain/graph/complaints.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { CommandGroup } from "./invocation.ts";
import { integer } from "./settings.ts";
import { eventText } from "./text.ts";

const beginning = (text: string): NonNullable<FeedOptions["from"]> => {
  if (text === "now" || text === "start") return text;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be now, start, or the number of a message in the feed.");
};

interface Wanted extends FeedOptions {
  readonly limit?: number;
}

/** Refuses a type of event, or a kind of aggregate, that no event can have. */
const checkWanted = async ({ type, aggregate }: Wanted): Promise<void> => {
  if (type === undefined && aggregate === undefined) return;
  const { contexts } = await import("../../application/contexts.ts");
  const names = contexts.map(({ name }) => name);
  if (aggregate !== undefined && !names.includes(aggregate))
    throw usageFailure(`--aggregate ${aggregate}: no aggregate has this name: ${choiceText(aggregate, names)}`);
  const types = contexts
    .filter(({ name }) => aggregate === undefined || name === aggregate)
    .flatMap(({ events }) => Object.keys(events));
  if (type !== undefined && !types.includes(type))
    throw usageFailure(
      `--type ${type}: no event of ${aggregate ?? "the feed"} has this type: ${choiceText(type, types)}`,
    );
};

/** `cim events tail`: the feed, as it comes. */
export const events: CommandGroup = (program, runner) => {
  program
    .command("events")
    .description("What happens, as it happens.")
    .command("tail")
    .description("Prints the feed: every event once, in order.")
    .option("--type <event>", "only events of this type, such as node-added")
    .option("--aggregate <name>", "only events of this kind of aggregate, such as graph")
    .option("--id <id>", "only events of the aggregate with this id")
    .option("--from <place>", "now (default), start, or the number of a message in the feed", beginning)
    .option("--limit <count>", "end after this number of events", integer(1))
    .action(({ limit, type, aggregate, id, from = "now" }: Wanted, command) =>
      runner.run(command, async (cli) => {
        await checkWanted(defined({ type, aggregate }));
        return withClient(cli, async (client) => {
          let left = limit ?? Number.POSITIVE_INFINITY;
          const wanted = { ...defined({ type, aggregate, id }), from };
          for await (const event of client.feed(wanted, cli.signal)) {
            if (cli.output.json) cli.output.document(event);
            cli.output.result(
              eventText({
                ...event,
                id: event.aggregateId,
                type: event.event,
                position: Number(event.sequence),
                version: event.aggregateVersion,
              }),
            );
            left -= 1;
            if (left === 0) return exitCode.done;
          }
          return exitCode.interrupted;
        });
      }),
    );
};
