import { type Command, Option } from "commander";
import { CommandRefused } from "../../agents/kit/errors.ts";
import type { Client } from "../../agents/kit/mod.ts";
import type { AuditFinding, LogProblem } from "../../contract/views/audit.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { openReviewText } from "./break-glass.ts";
import { withClient } from "./connection.ts";
import { decisionLines } from "./decision-text.ts";
import { everyItem } from "./documents.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation, Runner } from "./invocation.ts";
import { refusals } from "./refusals.ts";
import { integer, moment } from "./settings.ts";
import { documentLines, eventText, identityText } from "./text.ts";
import { addTransfer } from "./transfer/audit.ts";

interface LogOptions {
  readonly aggregate?: string;
  readonly id?: string;
  readonly actor?: string;
  readonly type?: string;
  readonly since?: string;
  readonly until?: string;
  readonly limit?: number;
  readonly last?: number;
  readonly newest?: true;
}

const log =
  ({ aggregate, id, actor, type, since: after, until: before, limit, last, newest }: LogOptions) =>
  (cli: Invocation) =>
    withClient(cli, async (client) => {
      const order = newest === true || last !== undefined ? "newest" : undefined;
      const input = defined({ aggregate, id, actor, type, after, before, limit: last ?? limit, order });
      const { data } = await client.query("audit", "trail", input, { signal: cli.signal });
      if (cli.output.json) cli.output.document(data);
      const items = last === undefined ? data.items : data.items.toReversed();
      for (const event of items) cli.output.result(eventText(event));
      if (last !== undefined) return exitCode.done;
      if (data.cursor !== undefined) cli.output.note("there are more: raise --limit, or narrow it down");
      return exitCode.done;
    });

/** Prints an event or a decision. The id of an event has dots; the id of a proposal has none. */
const show = (id: string) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { output, signal } = cli;
    if (id.includes(".")) {
      const { data } = await client.query("audit", "event", { id }, { signal });
      if (output.json) output.document(data);
      output.result(documentLines(data));
    } else {
      const { data } = await client.query("audit", "decision", { proposal: id }, { signal });
      if (output.json) output.document(data);
      output.result(decisionLines(data));
    }
    output.note(identityText(client.isClosed));
    return exitCode.done;
  });

interface Moment {
  readonly position?: number;
  readonly time?: string;
}

const replayed = async (client: Client, aggregate: string, id: string, at: Moment, signal: AbortSignal) => {
  const { data } = await client.query("audit", "replay", { aggregate, id, ...at }, { signal });
  const { version, position, state } = data;
  return { aggregate, id, version, position, state };
};

/** An aggregate that did not exist yet has no state. */
const unlessMissing = (error: unknown): undefined => {
  if (error instanceof CommandRefused && error.reason === "not-found") return undefined;
  throw error;
};

const replayOne = (aggregate: string, id: string, at: Moment) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const state = await replayed(client, aggregate, id, at, cli.signal);
    if (cli.output.json) cli.output.document(state);
    cli.output.result(documentLines(state));
    return exitCode.done;
  });

const replayAll = (at: Moment) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const items = [];
    for await (const { aggregate = "", aggregateId = "" } of everyItem(client, "audit", cli.signal)) {
      const state = await replayed(client, aggregate, aggregateId, at, cli.signal).catch(unlessMissing);
      if (state !== undefined) items.push(state);
    }
    if (cli.output.json) cli.output.document({ ...at, items });
    for (const item of items) cli.output.result([`${item.aggregate} ${item.id}:`, ...documentLines(item.state, "  ")]);
    return exitCode.done;
  });

const findingText = ({ position, event, problem }: AuditFinding): string =>
  `position ${position}: ${event || "the log"}: ${problem}`;

const verify = (which: { readonly aggregate?: string; readonly id?: string }) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("audit", "verify", which, { signal: cli.signal });
    if (cli.output.json) cli.output.document(data);
    const { ok, commits, events, findings, first } = data;
    cli.output.result(`${ok ? "unaltered" : "ALTERED"}: ${commits} commits, ${events} events`);
    if (first !== undefined) cli.output.result(`the first that does not fit: ${findingText(first)}`);
    for (const finding of findings.slice(1)) cli.output.result(findingText(finding));
    return ok ? exitCode.done : exitCode.failed;
  });

const problemText = ({ kind, position, aggregate, id, problem }: LogProblem): string => {
  const of = aggregate === undefined || id === undefined ? "" : `${aggregate} ${id}: `;
  return `position ${position}: ${kind}: ${of}${problem}`;
};

const health = (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { data } = await client.query("audit", "health", {}, { signal: cli.signal });
    if (cli.output.json) cli.output.document(data);
    const { ready, reason, checked, passedOver, problems, damaged, parked, openReviews = [] } = data;
    cli.output.result(ready ? `ready: the log is checked up to ${checked}` : `not ready: ${reason}`);
    const counts = `${passedOver} messages passed over, ${damaged.length} aggregates can only be read`;
    cli.output.result(parked === undefined ? counts : `${counts}, ${parked} steps parked`);
    for (const problem of problems) cli.output.result(problemText(problem));
    for (const review of openReviews) cli.output.result(openReviewText(review));
    return ready ? exitCode.done : exitCode.failed;
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
          const at = options.at === undefined ? { position: options.position ?? 0 } : { time: options.at };
          return (aggregate === undefined || id === undefined ? replayAll(at) : replayOne(aggregate, id, at))(cli);
        }),
    );
};

/** `cim audit`: what happened, who did it, earlier states, and whether the log was altered. */
export const audit: CommandGroup = (program, runner) => {
  const group = program.command("audit").description("History, time travel, and proof that nothing was altered.");
  group
    .command("log")
    .description("Prints the events of the log, oldest first.")
    .option("--aggregate <name>", "only of this kind of aggregate, such as graph")
    .option("--id <id>", "only of the aggregate with this id")
    .option("--actor <principal>", "only what this principal did")
    .option("--type <event>", "only events of this type, such as node-added")
    .option("--since <time>", "only after this moment: ISO 8601, or how long ago (10m)", (text) => moment(text))
    .option("--until <time>", "only before this moment", (text) => moment(text))
    .option("--limit <count>", "at most this number", integer(1))
    .option("--newest", "the newest first")
    .addOption(
      new Option("--last <count>", "the last of them, oldest first")
        .argParser(integer(1))
        .conflicts(["limit", "newest"]),
    )
    .action((options: LogOptions, command) => runner.run(command, log(options)));
  group
    .command("show <id>")
    .description("Prints one event, by its id <aggregate>.<id>.<version>, or the whole story of a proposal, by its id.")
    .action((id: string, _options, command) => runner.run(command, show(id)));
  addReplay(group, runner);
  group
    .command("health")
    .description(
      "Says whether the backend is ready, what in the log it passed over, and which broken glass waits for review.",
    )
    .action((_options, command) => runner.run(command, health));
  group
    .command("refusals")
    .description("Lists what principals tried that they may not: who, what, how often, and when last.")
    .action((_options, command) => runner.run(command, refusals));
  group
    .command("verify [aggregate] [id]")
    .description("Checks every chain, signature and tally from the log alone.")
    .action((aggregate: string | undefined, id: string | undefined, _options, command) =>
      runner.run(command, verify(defined({ aggregate, id }))),
    );
  addTransfer(group, runner);
};
