import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Client } from "../../agents/kit/mod.ts";
import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import { defined, visible } from "../../domain/kernel/mod.ts";
import { exists } from "../../infrastructure/make-directory.ts";
import { type Fault, parseFault } from "../../infrastructure/simulated/faults.ts";
import type { Backend } from "../backend.ts";
import type { HttpPort } from "../http/mod.ts";
import { withClient, withKeys } from "./connection.ts";
import { addHttpOptions, type HttpWishes, withHttpPort } from "./console.ts";
import { followDeployment } from "./deploy/follow.ts";
import { showProgress } from "./deploy/live-hosts.ts";
import type { Progress } from "./deploy/progress.ts";
import { newDeploymentId } from "./deploy/request.ts";
import { deploymentSummary, summaryLine, summaryLines } from "./deploy/summary.ts";
import { exitCode } from "./errors.ts";
import { deployableGraph } from "./graph/source.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { makeLive } from "./live.ts";
import type { Lines, Output } from "./output.ts";
import { newInstallation } from "./security/new-installation.ts";
import { shortHash, table } from "./text.ts";
import { anyPort, closedOptions, fault, withBackend } from "./up.ts";

/** Prints the demonstration as it happens. */
interface Narrator {
  readonly chapter: (title: string) => void;
  readonly note: (text: string) => void;
  readonly progress: (progress: Progress, document: DeploymentDocument) => void;
  readonly end: () => void;
}

/**
 * With `--json` it prints a line for each step; for people chapters, steps and, on a terminal, the state below them.
 */
const narratorOf = (output: Output): Narrator => {
  const live = makeLive(output);
  const print = (kind: "chapter" | "note", text: string, lines: Lines) => {
    if (output.json) output.document({ type: "progress", kind, text });
    else live.line(lines);
  };
  return {
    chapter: (title) => print("chapter", title, ["", output.noteStyle("bold", title)]),
    note: (text) => print("note", text, `  ${text}`),
    progress: (progress, document) => {
      if (output.json) output.document(progress);
      else showProgress(live, output, progress, document);
    },
    end: live.end,
  };
};

/** What happened: both deployments at their ends, and the closures that the hosts ran after each. */
export interface DemoOutcome {
  readonly first: DeploymentDocument;
  readonly before: ReadonlyMap<string, string>;
  readonly second: DeploymentDocument;
  readonly after: ReadonlyMap<string, string>;
}

/** The closures of a host: as the first deployment recorded it, and as it ran before and after the second. */
interface HostCheck {
  readonly host: string;
  readonly deployed: string;
  readonly before: string;
  readonly after: string;
  readonly ok: boolean;
}

/** Checks for each host that it ran what the first deployment recorded, and runs exactly that after the second. */
const hostChecks = ({ first, before, after }: DemoOutcome): ReadonlyArray<HostCheck> =>
  first.hosts.map(({ id, closure: deployed = "" }) => {
    const [was, is] = [before.get(id) ?? "", after.get(id) ?? ""];
    return { host: id, deployed, before: was, after: is, ok: deployed !== "" && was === deployed && is === deployed };
  });

/** Whether the demonstration went as it should: deployed, then rolled back to exactly the recorded closures. */
export const wentWell = (outcome: DemoOutcome): boolean =>
  outcome.first.status === "succeeded" &&
  outcome.second.status === "rolled-back" &&
  outcome.first.hosts.length > 0 &&
  hostChecks(outcome).every(({ ok }) => ok);

/** Prints the end of the demonstration. Returns whether it went as it should. */
const printOutcome = (output: Output, outcome: DemoOutcome): boolean => {
  const ok = wentWell(outcome);
  const summaries = [
    deploymentSummary(outcome.first, outcome.before),
    deploymentSummary(outcome.second, outcome.after),
  ];
  if (output.json) output.document(summaryLine(ok, summaries));
  output.result("");
  for (const summary of summaries) output.result([...summaryLines(summary, output), ""]);
  const rows = hostChecks(outcome).map(({ host, deployed, after, ok: same }) =>
    [`  ${host}`, shortHash(deployed), shortHash(after), same ? "yes" : "NO"].map(visible),
  );
  output.result("The hosts themselves, after the rollback:");
  output.result(table(["  HOST", "FIRST DEPLOYMENT", "RUNS NOW", "THE SAME"], rows));
  output.result([
    "",
    ok
      ? output.style("green", "Deployed, then rolled back to exactly what ran before (simulated hosts).")
      : output.style("red", "It did not go as it should: see above."),
  ]);
  return ok;
};

const example = fileURLToPath(new URL("../../../examples/five-services.json", import.meta.url));

/** What goes wrong in the second deployment unless `--fail` says otherwise. */
const defaultFault = parseFault("web-api@leaf-1");

/** Short, so that the whole demonstration takes seconds. */
const timing = { discussionSeconds: 15, votingSeconds: 15, monitorSeconds: 3, timeoutSeconds: 90 };
const simulatedStepMilliseconds = 250;

interface DemoOptions extends HttpWishes {
  readonly console: boolean;
  readonly store?: string;
  readonly keep?: boolean;
  readonly fail?: ReadonlyArray<Fault>;
  readonly secure?: string | true;
}

const deploy = async (
  client: Client,
  graph: string,
  narrator: Narrator,
  signal: AbortSignal,
): Promise<DeploymentDocument> => {
  const id = newDeploymentId(graph);
  await client.command("deployment", id, "request", { graph, target: "simulated", ...timing }, { signal });
  return followDeployment(client, id, narrator.progress, signal);
};

/** The services that the second version changes: one on each leaf, so that both leaves are rolled back. */
const released = ["web-api", "worker"];

/** Gives the services another release in their environment. Returns the new version of the graph. */
const changeReleases = async (client: Client, graph: string, signal: AbortSignal): Promise<number> => {
  const { data } = await client.query("graphs", "get", { id: graph }, { signal });
  // Another value each time, because a revision that was rolled back is not deployed again and the store may be kept.
  const release = `after-${data.version}`;
  let version = 0;
  for (const id of released) {
    const node = data.nodes.find((one) => one.id === id);
    const before = node !== undefined && "environment" in node ? node.environment : {};
    const environment = { ...before, RELEASE: release };
    ({ version } = await client.command("graph", graph, "update-node", { id, changes: { environment } }, { signal }));
  }
  return version;
};

/**
 * The closure that each simulated host really runs, from the hosts themselves. A host that does not answer is left out.
 */
const closuresOf = async (running: Backend, { hosts }: DeploymentDocument): Promise<ReadonlyMap<string, string>> => {
  const found = new Map<string, string>();
  for (const { id } of hosts) {
    const answer = await running.simulated.current({ host: id }, AbortSignal.timeout(10_000)).catch(() => undefined);
    if (answer !== undefined) found.set(id, answer.closure);
  }
  return found;
};

const story = async (cli: Invocation, running: Backend, faults: ReadonlyArray<Fault>): Promise<number> => {
  const { signal, output } = cli;
  const narrator = narratorOf(output);
  try {
    const { document } = await deployableGraph(cli, { file: example });
    return await withClient({ ...cli, settings: { ...cli.settings, nats: running.url } }, async (client) => {
      narrator.chapter("Design: the example graph five-services is imported");
      const { version } = await client.command("graph", document.id, "import", document, { signal });
      narrator.note(`version ${version}: ${document.nodes.length} nodes, ${document.edges.length} edges`);
      await running.agents;
      narrator.chapter("First deployment, to simulated hosts: nothing is built and nothing really runs");
      const first = await deploy(client, document.id, narrator, signal);
      const before = await closuresOf(running, first);
      narrator.chapter("Second version: web-api and worker get another RELEASE, and something fails on purpose");
      await running.simulated.setFaults(faults);
      narrator.note(`version ${await changeReleases(client, document.id, signal)}`);
      const second = await deploy(client, document.id, narrator, signal);
      const after = await closuresOf(running, second);
      narrator.end();
      const ok = printOutcome(output, { first, before, second, after });
      return ok ? exitCode.done : exitCode.failed;
    });
  } finally {
    narrator.end();
  }
};

/** Milliseconds between two looks whether somebody has the page open. */
const lookEvery = 500;
/** Looks without anybody after which the page is closed: while it is loaded again, nobody has it open. */
const looksUntilClosed = 10;

/** Keeps the demonstration as long as somebody has its page open. */
const keptOpen = async ({ output, signal }: Invocation, http: HttpPort): Promise<void> => {
  if (!http.isWatched()) return;
  output.note("The page is open, so the demonstration stays: close the page, or end it with Ctrl-C.");
  let unseen = 0;
  while (unseen < looksUntilClosed && !signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
    unseen = http.isWatched() ? 0 : unseen + 1;
  }
};

/** The demonstration, with its page beside it. `told` gets its exit code as soon as the story has been told. */
const withPage = async (
  cli: Invocation,
  running: Backend,
  options: DemoOptions,
  told: (code: number) => void,
): Promise<void> => {
  const tell = async () => told(await story(cli, running, options.fail ?? [defaultFault]));
  if (!options.console || cli.output.json) return tell();
  await withHttpPort(cli, running.url, options, async (http) => {
    if (http.hasPage) cli.output.note(`watch it in a browser: ${http.link(cli.settings.principal)}`);
    await tell();
    await keptOpen(cli, http);
  });
};

/** The keys of a demonstration that runs closed: those of the folder that was named, or new ones beside the data. */
const keysOf = async (
  { settings }: Invocation,
  { secure }: DemoOptions,
  store: string,
): Promise<string | undefined> => {
  if (secure !== true) return settings.secure;
  const folder = join(store, "keys");
  const { initSecurity } = await import("../../infrastructure/security/mod.ts");
  if (!(await exists(folder))) await withKeys(() => initSecurity(folder, newInstallation(settings)));
  return folder;
};

const run =
  (options: DemoOptions) =>
  async (given: Invocation): Promise<number> => {
    const temporary = options.store === undefined ? await mkdtemp(join(tmpdir(), "cim-demo-")) : undefined;
    const store = resolve(options.store ?? temporary ?? "");
    const { prefix } = given.settings;
    let code: number | undefined;
    let cli = given;
    try {
      const secure = await keysOf(given, options, store);
      cli = { ...given, settings: { ...given.settings, secure } };
      const closed = secure === undefined ? undefined : await closedOptions(secure);
      await withBackend(
        {
          store,
          port: anyPort,
          prefix,
          agents: true,
          faults: [],
          simulatedStepMilliseconds,
          ...defined({ closed }),
        },
        cli.host,
        "Warn",
        (running) =>
          withPage(cli, running, options, (end) => {
            code = end;
          }),
      );
      return code ?? exitCode.failed;
    } catch (error) {
      // Ctrl-C after the story ends the page alone.
      if (code === undefined || !cli.signal.aborted) throw error;
      return code;
    } finally {
      if (temporary !== undefined && options.keep !== true) await rm(temporary, { recursive: true, force: true });
      else cli.output.note(`the events are in ${store}: \`cim up --store ${store}\` and \`cim audit log\` show them`);
    }
  };

/** `cim demo`: the whole job twice, once with success and once with a failure that is rolled back. */
export const demo: CommandGroup = (program, runner) => {
  const command = program
    .command("demo")
    .description("Shows the whole job on simulated hosts: a deployment, and one whose failure is rolled back.")
    .option(
      "--fail <fault>",
      "what goes wrong in the second deployment (default: web-api@leaf-1); may be given again",
      fault,
    )
    .option("--store <folder>", "keep the data here (default: a temporary folder)")
    .option("--secure [folder]", "closed, with these keys, or with new ones: the nats-server checks who connects")
    .option("--keep", "keep the temporary folder")
    .option("--no-console", "without the page");
  addHttpOptions(command).action((options: DemoOptions, given: Command) => runner.run(given, run(options)));
};
