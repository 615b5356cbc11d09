import { type Command, Option } from "commander";
import type { Client } from "../../agents/kit/mod.ts";
import { Protocol } from "../../domain/consensus/contract.ts";
import { Target } from "../../domain/deployment/contract.ts";
import { withClient } from "./connection.ts";
import { defined } from "./defined.ts";
import { newDeploymentId } from "./deployment-id.ts";
import { fieldOf } from "./document-text.ts";
import { CliFailure, exitCode, usageFailure } from "./errors.ts";
import { followDeployment, summaryOf } from "./follow.ts";
import type { Invocation } from "./invocation.ts";
import { makeLive } from "./live.ts";
import { deployableGraph } from "./load-graph.ts";
import type { CommandGroup } from "./program.ts";
import { progressText } from "./progress.ts";
import { integer, seconds } from "./settings.ts";
import { exitCodeOf, summaryLine, summaryText } from "./summary.ts";

interface DeployOptions {
  readonly graph?: string;
  readonly version?: number;
  readonly target: string;
  readonly protocol?: string;
  readonly insist?: boolean;
  readonly discussionSeconds?: number;
  readonly votingSeconds?: number;
  readonly monitorSeconds?: number;
  readonly timeout?: number;
  readonly watch?: boolean;
  readonly wait: boolean;
}

/** A graph that is in the log: which, and the version that is meant; undefined: the newest. */
interface Chosen {
  readonly graph: string;
  readonly version: number | undefined;
}

/** Brings the file's graph into the log: it becomes what the document says. */
const imported = async (cli: Invocation, client: Client, document: { readonly id: string }): Promise<Chosen> => {
  const { id, version, events } = await client.command("graph", document.id, "import", document, {
    signal: cli.signal,
  });
  cli.output.note(
    `graph ${id} version ${version}${events.length === 0 ? ", as it was" : ` (${events.length} changes)`}`,
  );
  return { graph: id, version };
};

const request = async (
  cli: Invocation,
  client: Client,
  { graph, version }: Chosen,
  options: DeployOptions,
): Promise<string> => {
  const id = newDeploymentId(graph);
  const {
    target,
    protocol,
    insist,
    discussionSeconds,
    votingSeconds,
    monitorSeconds,
    timeout: timeoutSeconds,
  } = options;
  const wishes = { version: options.version, protocol, insist };
  const limits = { discussionSeconds, votingSeconds, monitorSeconds, timeoutSeconds };
  const payload = { graph, target, ...defined({ ...wishes, ...limits }) };
  const { position } = await client.command("deployment", id, "request", payload, { signal: cli.signal });
  await sameVersion(client, id, version, position);
  return id;
};

/**
 * A deployment follows its graph, so that a change during the vote makes the approval void; but it must begin with the
 * version that this command has imported.
 */
const sameVersion = async (client: Client, id: string, version: number | undefined, minPosition: number) => {
  if (version === undefined) return;
  const { data } = await client.query("audit", "event", { id: `deployment.${id}.1` }, { minPosition });
  const pinned = fieldOf(data, "data", "graphVersion");
  if (pinned === version) return;
  const reason = `the graph was changed at the same time: version ${String(pinned)} instead of ${version}`;
  await client.command("deployment", id, "cancel", { reason });
  throw new CliFailure(`deployment ${id} is cancelled, because ${reason}: deploy again`);
};

/** Follows the deployment to its end, tells how it went, and what that means for the exit code. */
const follow = async (cli: Invocation, client: Client, id: string, watching: boolean): Promise<number> => {
  const { output, signal } = cli;
  const live = makeLive(output);
  try {
    const end = await followDeployment(
      client,
      id,
      (progress, { status, hosts }) => {
        if (output.json) output.document(progress);
        else if (watching) {
          live.line(progressText(progress));
          live.status([status, ...hosts.map((host) => `${host.id} ${host.status}`)].join("  "));
        }
      },
      signal,
    );
    live.end();
    const summary = await summaryOf(client, end, signal);
    if (output.json) output.document(summaryLine(end.status === "succeeded", [summary]));
    output.result(summaryText(summary, output));
    return exitCodeOf(end.status);
  } finally {
    live.end();
  }
};

const choose = async (cli: Invocation, file: string | undefined, options: DeployOptions) => {
  const { graph, version } = options;
  if ((file === undefined) === (graph === undefined))
    throw usageFailure("deploy needs either a FILE, or --graph ID for a graph that is imported already");
  if (graph === undefined && version !== undefined) throw usageFailure("--version goes with --graph, not with a FILE");
  if (file === undefined) return async (): Promise<Chosen> => ({ graph: graph ?? "", version });
  const document = await deployableGraph(cli, file);
  return (client: Client) => imported(cli, client, document);
};

const deploy =
  (file: string | undefined, options: DeployOptions) =>
  async (invocation: Invocation): Promise<number> => {
    // `--timeout` is the deployment's here, not that of a request.
    const cli = { ...invocation, settings: { ...invocation.settings, timeoutSeconds: undefined } };
    const chosen = await choose(cli, file, options);
    return withClient(cli, async (client) => {
      const id = await request(cli, client, await chosen(client), options);
      if (!options.wait) {
        if (cli.output.json) cli.output.document({ type: "requested", deployment: id });
        cli.output.result(id);
        return exitCode.done;
      }
      cli.output.note(`deployment ${id}${options.target === "simulated" ? " on simulated hosts" : ""}`);
      return follow(cli, client, id, options.watch ?? cli.output.live);
    });
  };

/** `cim deploy`: from a graph to hosts that run it. */
export const deployCommand: CommandGroup = (program, runner) => {
  program
    .command("deploy [file]")
    .description("Deploys a graph: review, vote, flake, hosts, monitoring; rolls back where something goes wrong.")
    .option("--graph <id>", "a graph that is imported already, instead of a file")
    .option("--version <number>", "which version of --graph; else the newest", integer(1))
    .addOption(new Option("--target <target>", "what is deployed to").choices(Target.literals).default("simulated"))
    .addOption(new Option("--protocol <protocol>", "how the vote is counted").choices(Protocol.literals))
    .option("--watch", "show each step (default on a terminal)")
    .option("--no-watch", "show the end only")
    .option("--no-wait", "print the deployment's id and do not wait for its end")
    .option("--timeout <seconds>", "how long the deployment may take (default: 300)", seconds)
    .option("--discussion-seconds <seconds>", "how long reviewers may take (default: 30)", seconds)
    .option("--voting-seconds <seconds>", "how long the vote may take (default: 60)", seconds)
    .option("--monitor-seconds <seconds>", "how long the hosts are watched (default: 30)", seconds)
    .option("--insist", "also where this revision was rolled back before")
    .action((file: string | undefined, options: DeployOptions, command: Command) =>
      runner.run(command, deploy(file, options)),
    );
};
