import { InvalidArgumentError, Option } from "commander";
import { Schema, Struct } from "effect";
import type { Client } from "../../../agents/kit/mod.ts";
import type { DeploymentDocument } from "../../../contract/views/deployments.ts";
import { Protocol } from "../../../domain/consensus/protocols.ts";
import { obstacleText } from "../../../domain/deployment/activation.ts";
import { Target } from "../../../domain/deployment/contract.ts";
import { deployment } from "../../../domain/deployment/decider.ts";
import { Activation } from "../../../domain/host/desired.ts";
import { defined, Name } from "../../../domain/kernel/mod.ts";
import { addAggregate } from "../aggregate-commands.ts";
import { confirm, yes } from "../confirm.ts";
import { withClient } from "../connection.ts";
import type { Listed } from "../documents.ts";
import { exitCode, usageFailure } from "../errors.ts";
import { noteExceptions } from "../freezes.ts";
import { allowSecretLike, type SecretOptions } from "../graph/secret-options.ts";
import type { CommandGroup, Invocation } from "../invocation.ts";
import { signerFrom, signWith } from "../key.ts";
import { columns, type Listing } from "../listing.ts";
import { makeLive } from "../live.ts";
import { addNixosOptions, type NixosWishes } from "../nixos-options.ts";
import { nameOf } from "../read-input.ts";
import { roundsText } from "../round-text.ts";
import { integer, seconds } from "../settings.ts";
import { waitingText } from "../waiting.ts";
import { followDeployment, summaryOf, voteEnding, watchWaiting } from "./follow.ts";
import { showProgress, statusText } from "./live-hosts.ts";
import { type Progress, progressLines } from "./progress.ts";
import { type Chosen, imported, requestDeployment, type Wishes } from "./request.ts";
import { deploymentSummary, exitCodeOf, summaryLine, summaryLines } from "./summary.ts";

/** The options of `cim deploy`. */
interface DeployOptions extends Omit<Wishes, "unpinned">, NixosWishes, SecretOptions {
  readonly dryRun?: boolean;
  readonly graph?: string;
  readonly watch?: boolean;
  readonly writeBack?: boolean;
  /** True if inputs that nobody has pinned stay so. */
  readonly unpinned?: boolean;
  readonly overAmendments?: boolean;
  readonly wait: boolean;
  readonly yes?: boolean;
  /** The file with the key to sign the request with. */
  readonly signWith?: string;
}

const isName = Schema.is(Name);

/** Names, separated by commas. */
const names = (text: string): ReadonlyArray<string> => {
  const found = text.split(",").map((name) => name.trim());
  const wrong = found.find((name) => !isName(name));
  if (wrong !== undefined) throw new InvalidArgumentError(`\`${wrong}\` is not the name of a host.`);
  return found;
};

interface Followed {
  readonly watching: boolean;
  readonly chosen: Chosen;
  /** The file that was deployed; undefined if a stored graph was. */
  readonly file: string | undefined;
  readonly writeBack: boolean;
}

/** Takes over into the file what the vote changed, or says how. Prints nothing if the vote changed nothing. */
const takeOver = async (
  cli: Invocation,
  client: Client,
  { graph, graphVersion, pins, rounds }: Pick<DeploymentDocument, "graph" | "graphVersion" | "pins" | "rounds">,
  { chosen, file, writeBack }: Followed,
): Promise<void> => {
  if (file === undefined || chosen.version === undefined || chosen.version === graphVersion) return;
  const isAmended = rounds.some(({ amended }) => amended !== undefined);
  const maker = pins === undefined ? "the vote" : isAmended ? "pins and the vote" : "pins";
  const what = `${maker} made version ${graphVersion} of graph ${graph} out of the version ${chosen.version} of ${file}`;
  if (!writeBack || file === "-")
    return cli.output.note(`${what}: take it over with \`cim graph pull ${graph} ${file === "-" ? "FILE" : file}\``);
  const { pulled, pulledLines } = await import("../graph/pull.ts");
  cli.output.note([what, ...pulledLines(await pulled(cli, client, { id: graph, file, force: false }))]);
};

/** Follows the deployment to its end and prints the summary. Returns the exit code. */
const follow = async (cli: Invocation, client: Client, id: string, followed: Followed): Promise<number> => {
  const { watching } = followed;
  const { output, signal } = cli;
  const live = makeLive(output);
  let status = "";
  const waiting = watchWaiting(
    client,
    id,
    (awaited) => {
      if (watching) live.status(status, awaited && waitingText(awaited, Date.now()));
    },
    (awaited) => {
      const progress: Progress = { type: "progress", deployment: id, kind: "waiting", ...awaited };
      if (output.json) output.document(progress);
      else if (!watching || !output.live) live.line(progressLines(progress));
    },
  );
  try {
    const end = await followDeployment(
      client,
      id,
      (progress, document) => {
        waiting.see(document);
        if (output.json) output.document(progress);
        else if (watching) {
          showProgress(live, output, progress, document);
          status = statusText(document);
        }
      },
      signal,
    );
    waiting.end();
    live.end();
    const summary = await summaryOf(client, end, signal);
    if (output.json) output.document(summaryLine(end.status === "succeeded", [summary]));
    const ending =
      end.status === "rejected" || end.reason === "approval-void" ? await voteEnding(client, id, signal) : [];
    output.result([...summaryLines(summary, output), ...ending.map((line) => `  ${line}`)]);
    await takeOver(cli, client, end, followed);
    return exitCodeOf(end.status);
  } finally {
    waiting.end();
    live.end();
  }
};

/** Prints what a deployment would do. Real hosts are asked; for simulated hosts it is planned. */
const dry = async (cli: Invocation, file: string | undefined, options: DeployOptions): Promise<number> => {
  const { graph, version, target, allowSecretLike: allowed = [] } = options;
  const stored = graph === undefined ? undefined : `${graph}@${version ?? "latest"}`;
  const argument = file ?? stored;
  if (argument === undefined || (file !== undefined && stored !== undefined)) throw neitherOrBoth();
  if (target === "simulated") return (await import("../plan.ts")).planOf(argument, { allowSecretLike: allowed })(cli);
  const { dryRun } = await import("./dry-run.ts");
  const { deployableGraph, graphSource } = await import("../graph/source.ts");
  return dryRun(cli, await deployableGraph(cli, await graphSource(argument), allowed), options);
};

const neitherOrBoth = () =>
  usageFailure("deploy needs either a FILE, or --graph ID for a graph that is imported already");

const choose = async (cli: Invocation, file: string | undefined, options: DeployOptions) => {
  const { graph, version } = options;
  if ((file === undefined) === (graph === undefined)) throw neitherOrBoth();
  if (graph === undefined && version !== undefined) throw usageFailure("--version goes with --graph, not with a FILE");
  if (file === undefined) return async (): Promise<Chosen> => ({ graph: graph ?? "", version });
  const { deployableGraph } = await import("../graph/source.ts");
  const read = await deployableGraph(cli, { file });
  const { document } = read;
  return async (client: Client) => {
    if (options.overAmendments !== true) {
      const { checkAmendments } = await import("../graph/over-amendments.ts");
      await checkAmendments(client, document, nameOf(file), cli.signal);
    }
    return imported(cli, client, read, options.allowSecretLike);
  };
};

/** The inputs that the request lets stay unpinned: with `--unpinned` all that nobody has pinned. */
const unpinnedOf = async (
  { signal }: Invocation,
  client: Client,
  { graph, version }: Chosen,
  { unpinned = false }: DeployOptions,
): Promise<ReadonlyArray<string> | undefined> => {
  if (!unpinned) return undefined;
  const { data } = await client.query("graphs", "inputs", { id: graph, ...defined({ version }) }, { signal });
  const open = data.inputs.flatMap(({ name, pinnedBy }) => (pinnedBy === undefined ? [name] : []));
  return open.length === 0 ? undefined : open;
};

const versionText = ({ graph, version }: Chosen): string =>
  `${version === undefined ? "the newest version" : `version ${version}`} of graph ${graph}`;

const run =
  (file: string | undefined, options: DeployOptions) =>
  async (invocation: Invocation): Promise<number> => {
    // Here `--timeout` is the time limit of the deployment, not of a request.
    const cli = { ...invocation, settings: { ...invocation.settings, timeoutSeconds: undefined } };
    if (options.dryRun === true) return dry(cli, file, options);
    const chosen = await choose(cli, file, options);
    const { breakGlass, signWith: key } = options;
    if (breakGlass !== undefined && key === undefined)
      throw usageFailure("--break-glass is signed: add --sign-with FILE");
    const signer = key === undefined ? undefined : await signerFrom(key);
    const requested = async (client: Client) => {
      const graph = await chosen(client);
      if (options.target !== "simulated")
        await confirm(cli, `deploy ${versionText(graph)} to its real hosts?`, options.yes);
      const unpinned = await unpinnedOf(cli, client, graph, options);
      const id = await requestDeployment(cli, client, graph, {
        ...Struct.omit(options, ["unpinned"]),
        ...defined({ unpinned }),
      });
      if (!options.wait) {
        if (cli.output.json) cli.output.document({ type: "requested", deployment: id });
        cli.output.result(id);
        return exitCode.done;
      }
      cli.output.note(`deployment ${id}${options.target === "simulated" ? " on simulated hosts" : ""}`);
      const { watch: watching = cli.output.live, writeBack = false } = options;
      return follow(cli, client, id, { watching, chosen: graph, file, writeBack });
    };
    return withClient(cli, requested, signer);
  };

/** `cim deploy`: from a graph to hosts that run it. */
export const deploy: CommandGroup = (program, runner) => {
  const command = program
    .command("deploy [file]")
    .description("Deploys a graph: review, vote, flake, hosts, monitoring; rolls back if something goes wrong.")
    .option("--graph <id>", "a graph that is imported already, instead of a file")
    .option(...yes)
    .option("--version <number>", "which version of --graph; else the newest", integer(1))
    .addOption(
      new Option("--target <target>", "the kind of hosts to deploy to").choices(Target.literals).default("simulated"),
    )
    .addOption(new Option("--protocol <protocol>", "how to count the vote").choices(Protocol.literals))
    .option("--threshold <share>", "the approvals that a qualified majority needs, such as 2/3")
    .option("--watch", "show each step (default on a terminal)")
    .option("--no-watch", "show the end only")
    .option("--no-wait", "print the deployment's id and do not wait for its end")
    .option("--over-amendments", "also if the file takes out what a vote has put into the graph")
    .addOption(allowSecretLike())
    .option("--write-back", "write what the vote changed into the file")
    .option("--timeout <seconds>", "how long the deployment may take (default: 300, or what its votes need)", seconds)
    .option(
      "--discussion-seconds <seconds>",
      "how long reviewers may take (default: 30, or what the policy wants)",
      seconds,
    )
    .option("--voting-seconds <seconds>", "how long the vote may take (default: what the policy says)", seconds)
    .option("--monitor-seconds <seconds>", "how long the hosts are watched (default: 30)", seconds)
    .option("--hosts <ids>", "these hosts only, separated by commas", names)
    .option("--take-over <ids>", "hosts that other graphs have, and that this one is to have; voted on", names)
    .option("--max-parallel <number>", "hosts of a wave that are worked on at once (default: 16)", integer(1))
    .addOption(
      new Option(
        "--activation <how>",
        "switch: runs from now on; test: until the next reboot; boot: from the next reboot on",
      )
        .choices(Activation.literals)
        .default("switch"),
    )
    .option("--accept-removal <names...>", "what hosts may lose besides services, such as web-1:mount:/data")
    .option("--reboot", "reboot hosts that need it, wave by wave; one that does not come back well goes back")
    .option("--dry-run", "print what would be done, per host; no host is changed and no vote is held")
    .option("--accept-data-loss <nodes>", "nodes whose data may be lost, separated by commas; see cim plan", names)
    .option(
      "--unpinned",
      "leave the inputs of the graph unpinned; otherwise they are pinned before its first deployment to real hosts",
    )
    .option("--insist <reason>", "deploy a revision that was rolled back before, and say why")
    .option(
      "--break-glass <reason>",
      "past blocking findings, windows and the freezes of now, not past the vote; signed",
    )
    .option(...signWith);
  addNixosOptions(command).action((file: string | undefined, options: DeployOptions) =>
    runner.run(command, run(file, options)),
  );
};

type Deployment = Listed<"deployments">;

/** What a deployment waits for, in words. */
const obstaclesText = ({ waiting }: Deployment): string | undefined => waiting?.for.map(obstacleText).join("; ");

const shownFields = columns<"deployments">(
  "id",
  "graph",
  "graphVersion",
  "target",
  "status",
  "updatedAt",
  "reason",
  "detail",
);

/** The list shows what a deployment waits for. */
const deploymentListing: Listing<Deployment> = {
  headings: [...shownFields.headings, "WAITS FOR"],
  row: (document) => [...shownFields.row(document), obstaclesText(document)],
  words: roundsText,
  note: noteExceptions,
};

/** Prints what became of a deployment and why, in words: what the end of `deploy` says. */
const explain = (id: string) => (cli: Invocation) =>
  withClient(cli, async (client) => {
    const { output, signal } = cli;
    const { data } = await client.query("deployments", "get", { id }, { signal });
    if (output.json) output.document(data);
    const ending = await voteEnding(client, id, signal);
    output.result([...summaryLines(deploymentSummary(data), output), ...ending.map((line) => `  ${line}`)]);
    return exitCode.done;
  });

/** Follows a deployment that goes on to its end, as `deploy` does; of one that is over, prints the summary. */
const watchAgain = (id: string) => (invocation: Invocation) => {
  const cli = { ...invocation, settings: { ...invocation.settings, timeoutSeconds: undefined } };
  return withClient(cli, async (client) => {
    const { data } = await client.query("deployments", "get", { id }, { signal: cli.signal });
    const chosen = { graph: data.graph, version: data.graphVersion };
    return follow(cli, client, id, { watching: true, chosen, file: undefined, writeBack: false });
  });
};

/** `cim deployments`. */
export const deployments: CommandGroup = (program, runner) => {
  const group = addAggregate(program, deployment, "deployments", deploymentListing, runner);
  group
    .command("why <id>")
    .description(
      "Explains what became of a deployment: the rounds of its vote, what changed in between, who voted what.",
    )
    .action((id: string, _options: unknown, command) => runner.run(command, explain(id)));
  group
    .command("watch <id>")
    .description("Follows a deployment to its end, and ends with the exit code that `deploy` would have.")
    .action((id: string, _options: unknown, command) => runner.run(command, watchAgain(id)));
};
