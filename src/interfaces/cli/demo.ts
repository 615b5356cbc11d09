import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import type { Client } from "../../agents/kit/mod.ts";
import { type Fault, parseFault } from "../../infrastructure/simulated/faults.ts";
import type { Backend } from "../backend.ts";
import { tellOutcome } from "./demo-outcome.ts";
import { type Told, tellerOf } from "./demo-story.ts";
import type { DeploymentDocument } from "./deployment-document.ts";
import { newDeploymentId } from "./deployment-id.ts";
import { fieldOf } from "./document-text.ts";
import { exitCode } from "./errors.ts";
import { followDeployment } from "./follow.ts";
import type { Invocation } from "./invocation.ts";
import { deployableGraph } from "./load-graph.ts";
import type { CommandGroup } from "./program.ts";
import { withBackend } from "./running-backend.ts";
import { anyPort, fault } from "./up.ts";
import { withClient } from "./with-client.ts";

const example = fileURLToPath(new URL("../../../examples/five-services.json", import.meta.url));

/** What goes wrong in the second deployment unless `--fail` says otherwise. */
const defaultFault = parseFault("web-api@leaf-1");

/** Short, so that the whole demonstration takes seconds. */
const timing = { discussionSeconds: 15, votingSeconds: 15, monitorSeconds: 3, timeoutSeconds: 60 };
const simulatedStepMilliseconds = 250;

interface DemoOptions {
  readonly store?: string;
  readonly keep?: boolean;
  readonly fail?: ReadonlyArray<Fault>;
}

const deploy = async (client: Client, graph: string, told: Told, signal: AbortSignal): Promise<DeploymentDocument> => {
  const id = newDeploymentId(graph);
  await client.command("deployment", id, "request", { graph, target: "simulated", ...timing }, { signal });
  return followDeployment(client, id, told.progress, signal);
};

/** The services that the second version changes: one on each leaf, so that both leaves have something to go back from. */
const released = ["web-api", "worker"];

/** The change of the second version: another release, by the environment; the new version. */
const changeReleases = async (client: Client, graph: string, signal: AbortSignal): Promise<number> => {
  const { data } = await client.query("graphs", "get", { id: graph }, { signal });
  const nodes = fieldOf(data, "nodes");
  // Another one each time, so that a store that is kept can be used again: what was rolled back is not deployed again.
  const release = `after-${String(fieldOf(data, "version"))}`;
  let version = 0;
  for (const id of released) {
    const node = Array.isArray(nodes) ? nodes.find((one) => fieldOf(one, "id") === id) : undefined;
    const before = fieldOf(node, "environment");
    const environment = { ...(typeof before === "object" ? before : {}), RELEASE: release };
    ({ version } = await client.command("graph", graph, "update-node", { id, changes: { environment } }, { signal }));
  }
  return version;
};

/** What each simulated host really runs, asked of the hosts themselves; nothing of one that does not answer. */
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
  const told = tellerOf(output);
  try {
    const document = await deployableGraph(cli, { file: example });
    return await withClient({ ...cli, settings: { ...cli.settings, nats: running.url } }, async (client) => {
      told.chapter("Design: the example graph five-services is imported");
      const { version } = await client.command("graph", document.id, "import", document, { signal });
      told.say(`version ${version}: ${document.nodes.length} nodes, ${document.edges.length} edges`);
      told.chapter("First deployment, to simulated hosts: nothing is built and nothing really runs");
      const first = await deploy(client, document.id, told, signal);
      const before = await closuresOf(running, first);
      told.chapter("Second version: web-api and worker get another RELEASE, and something fails on purpose");
      await running.simulated.setFaults(faults);
      told.say(`version ${await changeReleases(client, document.id, signal)}`);
      const second = await deploy(client, document.id, told, signal);
      const after = await closuresOf(running, second);
      told.end();
      const ok = tellOutcome(output, { first, before, second, after });
      return ok ? exitCode.done : exitCode.failed;
    });
  } finally {
    told.end();
  }
};

const demo =
  (options: DemoOptions) =>
  async (cli: Invocation): Promise<number> => {
    const temporary = options.store === undefined ? await mkdtemp(join(tmpdir(), "cim-demo-")) : undefined;
    const store = resolve(options.store ?? temporary ?? "");
    const { prefix } = cli.settings;
    try {
      return await withBackend(
        { store, port: anyPort, prefix, agents: true, faults: [], simulatedStepMilliseconds },
        cli.host,
        "Warn",
        (running) => story(cli, running, options.fail ?? [defaultFault]),
      );
    } finally {
      if (temporary !== undefined && options.keep !== true) await rm(temporary, { recursive: true, force: true });
      else cli.output.note(`the events are in ${store}: \`cim up --store ${store}\` and \`cim audit log\` show them`);
    }
  };

/** `cim demo`: the whole job, once well and once with a failure that is rolled back. */
export const demoCommand: CommandGroup = (program, runner) => {
  program
    .command("demo")
    .description("Shows the whole job on simulated hosts: a deployment, and one whose failure is rolled back.")
    .option(
      "--fail <fault>",
      "what goes wrong in the second deployment (default: web-api@leaf-1); may be given again",
      fault,
    )
    .option("--store <folder>", "keep the data here (default: a temporary folder)")
    .option("--keep", "keep the temporary folder")
    .action((options: DemoOptions, command: Command) => runner.run(command, demo(options)));
};
