import { host } from "../../domain/host/decider.ts";
import type { AdoptOptions } from "./adopt.ts";
import { addAggregate } from "./aggregate-commands.ts";
import type { Listed } from "./documents.ts";
import { noteExceptions } from "./freezes.ts";
import type { CommandGroup } from "./invocation.ts";
import type { Listing } from "./listing.ts";
import { sshOptions } from "./nixos-options.ts";
import { integer } from "./settings.ts";

type Host = Listed<"hosts">;

const diskText = ({ observed }: Host): string | undefined => {
  const { totalBytes = 0, freeBytes = 0 } = observed?.disk ?? {};
  if (totalBytes === 0) return undefined;
  return `${Math.round((1 - freeBytes / totalBytes) * 100)} % of ${Math.round(totalBytes / 1e9)} GB`;
};

const driftText = ({ drifts = [] }: Host): string =>
  drifts.map(({ kind, unit }) => (unit === undefined ? kind : `${kind} ${unit}`)).join(", ");

const healthText = ({ health, failing = [], stopped = [], observed }: Host): string | undefined => {
  const nodes = Object.entries({ failing, stopped }).filter(([, names]) => names.length > 0);
  const details = nodes.map(([state, names]) => `${state}: ${names.join(", ")}`).join("; ");
  const reboot = observed?.rebootNeeded === undefined ? "" : `, needs a reboot: ${observed.rebootNeeded.join(", ")}`;
  return `${details === "" ? health : `${health} (${details})`}${reboot}`;
};

/** The list begins with what an operator looks for first. */
export const hostListing: Listing<Host> = {
  note: noteExceptions,
  headings: ["ID", "HEALTH", "SHOULD RUN", "RUNS", "DRIFT", "LOAD", "DISK", "SINCE", "GRAPH"],
  row: (document) => [
    document.id,
    healthText(document),
    document.desired?.closure,
    document.closure,
    driftText(document),
    document.observed?.load,
    diskText(document),
    // A host is in its state since its oldest drift, otherwise since the last report with news.
    document.drifts?.[0]?.since ?? document.reportedAt,
    document.desired?.placement?.graph ?? document.graph,
  ],
};

/** `cim hosts`. */
export const hosts: CommandGroup = (program, runner) => {
  addAggregate(program, host, "hosts", hostListing, runner)
    .command("adopt <host>")
    .description("Makes modules of what a running NixOS host is, and its node for a graph. Only reads on the host.")
    .option("--graph <file>", "the graph's file: the modules go beside it, and its host says how it is reached")
    .option("--address <address>", "the address of the host, otherwise that of the graph, otherwise its name")
    .option("--user <user>", "the user who logs in by ssh and may sudo without a password; root unless given")
    .option("--port <port>", "the port of ssh", integer(1))
    .option("--identity-file <file>", "the file of the private key for ssh")
    .addOption(sshOptions())
    .option("--out <folder>", "the folder of the modules, otherwise `hosts/HOST` beside the graph's file")
    .option("--force", "replace modules that are there already")
    .option("--update-graph", "put the node of the host into the graph's file, instead of printing it")
    .action((id: string, options: AdoptOptions, command) =>
      runner.run(command, async (cli) => (await import("./adopt.ts")).adopt(id, options)(cli)),
    );
};
