import type { Command } from "commander";
import type { Accepted, Client } from "../../agents/kit/mod.ts";
import type { CommandSpecs } from "../../domain/kernel/mod.ts";
import { confirm, yes } from "./confirm.ts";
import { refusedWith, unchecked, withClient } from "./connection.ts";
import type { Listed } from "./documents.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation, Runner } from "./invocation.ts";
import { signerFrom, signWith } from "./key.ts";
import { columns, type Listing } from "./listing.ts";
import { addPayloadOptions, payloadFields, payloadOf } from "./payload-options.ts";
import { addViewCommands } from "./views.ts";

/** What the command line needs of an aggregate. Every decider has it. */
export interface Commanded {
  readonly name: string;
  readonly description: string;
  readonly commands: CommandSpecs;
}

/** The name of an aggregate's view, which is the name of its group too: `task` has `tasks`, `policy` has `policies`. */
export const viewOf = (aggregate: string): string => `${aggregate.replace(/y$/, "ie")}s`;

/** `graph-created, 3 × node-added, edge-connected`, in the order in which each comes first. */
const countedText = (events: ReadonlyArray<string>): string =>
  [...Map.groupBy(events, (event) => event)]
    .map(([event, { length }]) => (length === 1 ? event : `${length} × ${event}`))
    .join(", ");

/** Prints what an accepted command did. */
export const reportAccepted = ({ output }: Invocation, accepted: Accepted): void => {
  if (output.json) output.document({ ok: true, ...accepted });
  const { aggregate, id, version, events, duplicate, askedFor = [] } = accepted;
  const what = duplicate ? "done before" : events.length === 0 ? "nothing to change" : countedText(events);
  output.result(`${aggregate} ${id}: ${what} (version ${version})`);
  if (askedFor.length > 0)
    output.note(
      `${id} asks for ${askedFor.join(", ")}, and does not have it until an admin grants a role that brings it, or the capability by name (\`cim agents grant\`)`,
    );
};

/** A command to one aggregate. */
interface Given {
  readonly aggregate: string;
  readonly id: string;
  readonly command: string;
  /** As a function if it depends on what the backend shows. */
  readonly payload: object | ((client: Client) => Promise<object>);
  /** What the caller wants to know of a refusal, a line each. */
  readonly explain?: (client: Client, error: unknown) => Promise<ReadonlyArray<string>>;
}

/** Gives a command, signed with the key in `file` if there is one, and prints what it did. */
export const giveSigned = async (
  cli: Invocation,
  file: string | undefined,
  { aggregate, id, command, payload, explain }: Given,
): Promise<number> => {
  const signer = file === undefined ? undefined : await signerFrom(file);
  const give = async (client: Client) => {
    const given = typeof payload === "function" ? await payload(client) : payload;
    try {
      reportAccepted(cli, await unchecked(client)(aggregate, id, command, given, { signal: cli.signal }));
      return exitCode.done;
    } catch (error) {
      const below = (await explain?.(client, error)) ?? [];
      throw below.length === 0 ? error : refusedWith(error, below);
    }
  };
  return withClient(cli, give, signer);
};

/** Commands that a person may sign, because they count as that person's own word. */
const signable: ReadonlySet<string> = new Set([
  "proposal.vote",
  "proposal.veto",
  "deployment.request",
  "deployment.break-glass",
]);

/** What a person is asked about first, on a terminal. */
const questions: Readonly<Record<string, (id: string) => string>> = {
  "deployment.roll-back": (id) => `put every host of deployment ${id} back to what it ran before?`,
  "graph.archive": (id) => `archive graph ${id}?`,
  "graph.remove-node": (id) => `remove the node, and its edges, from graph ${id}?`,
  "host.release": (id) => `release host ${id} from its graph?`,
};

/** Adds each public command of an aggregate to its group, with an option for each field of its payload. */
export const addPublicCommands = (group: Command, aggregate: Commanded, runner: Runner): void => {
  for (const [name, spec] of Object.entries(aggregate.commands)) {
    if (spec.audience !== "public" || group.commands.some((command) => command.name() === name)) continue;
    const fields = payloadFields(spec.schema);
    const command = group.command(`${name} <id>`).description(spec.description);
    addPayloadOptions(command, fields);
    const full = `${aggregate.name}.${name}`;
    const question = questions[full];
    if (signable.has(full)) command.option(...signWith);
    if (question !== undefined) command.option(...yes);
    command.action((id: string) =>
      runner.run(command, async (cli) => {
        if (question !== undefined) await confirm(cli, question(id), command.opts().yes === true);
        const payload = await payloadOf(cli.host, command, fields);
        const file: unknown = command.opts().signWith;
        const key = typeof file === "string" ? file : undefined;
        return giveSigned(cli, key, { aggregate: aggregate.name, id, command: name, payload });
      }),
    );
  }
};

/** Adds the group of an aggregate: `list`, `get`, and its public commands. */
export const addAggregate = <V extends string>(
  program: Command,
  aggregate: Commanded,
  view: V,
  listing: Listing<Listed<V>>,
  runner: Runner,
): Command => {
  const group = program.command(view).description(aggregate.description);
  addViewCommands(group, view, listing, runner);
  addPublicCommands(group, aggregate, runner);
  return group;
};

/** The group of an aggregate that has no other commands. */
export const aggregateGroup =
  <V extends string>(aggregate: Commanded, view: V, listing: Listing<Listed<V>>): CommandGroup =>
  (program, runner) =>
    void addAggregate(program, aggregate, view, listing, runner);

/** The group of an aggregate that has no file in the command line. Its list shows ids. */
export const plainGroup = (aggregate: Commanded): CommandGroup =>
  aggregateGroup(aggregate, viewOf(aggregate.name), columns("id"));
