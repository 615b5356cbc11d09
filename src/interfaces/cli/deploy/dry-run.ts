import pLimit from "p-limit";
import { planWaves } from "../../../domain/deployment/plan.ts";
import type { HostPlan } from "../../../domain/deployment/waves.ts";
import { wavesWith } from "../../../domain/deployment/waves.ts";
import { acceptedAs, type Removal } from "../../../domain/host/removals.ts";
import { flakeText } from "../../../domain/nix/mod.ts";
import { digests } from "../../../infrastructure/digests.ts";
import { NixosHosts } from "../../../infrastructure/nixos/nixos-hosts.ts";
import { exitCode, messageOf } from "../errors.ts";
import { flakeOf } from "../graph/flake.ts";
import type { SourceGraph } from "../graph/source.ts";
import type { Invocation } from "../invocation.ts";
import { type NixosWishes, nixosOptions } from "../nixos-options.ts";
import type { Output } from "../output.ts";

/** What a deployment would do to a host, or why that is unknown. */
type Preview = { readonly host: string } & (
  | {
      readonly runs: string;
      readonly wouldRun: string;
      readonly changes: ReadonlyArray<string>;
      /** What the new system has in other versions or sizes. */
      readonly packages: ReadonlyArray<string>;
      readonly removals: ReadonlyArray<Removal>;
      readonly rebootNeeded: ReadonlyArray<string>;
    }
  | { readonly error: string }
);

/** How many hosts are examined at once. */
const width = 8;

/** Builds the system of a host, copies it there, and asks the host what an activation would do. */
const previewOf = async (
  hosts: NixosHosts,
  plan: HostPlan,
  flake: { readonly digest: string; readonly files: Readonly<Record<string, string>> },
  { signal, output }: Invocation,
): Promise<Preview> => {
  const { host } = plan;
  const log = output.live ? (line: string) => output.note(`    ${host} | ${line}`) : undefined;
  try {
    const { closure: runs } = await hosts.current(plan, signal);
    output.note(`${host}: builds`);
    const wouldRun = await hosts.build({ host: plan, flake }, signal, log);
    if (wouldRun === runs) return { host, runs, wouldRun, changes: [], packages: [], removals: [], rebootNeeded: [] };
    output.note(`${host}: copies ${wouldRun}`);
    await hosts.bring(plan, wouldRun, signal, log);
    const said = await hosts.preview(plan, wouldRun, signal);
    const packages = await hosts.packages(plan, wouldRun, signal);
    const rebootNeeded = await hosts.outdated(plan, wouldRun, signal);
    const { removals } = await hosts.examine(plan, wouldRun, plan, signal);
    return {
      host,
      runs,
      wouldRun,
      changes: said.split("\n").filter((line) => line.trim() !== ""),
      packages,
      removals,
      rebootNeeded,
    };
  } catch (error) {
    signal.throwIfAborted();
    return { host, error: messageOf(error) };
  }
};

const previewLines = (preview: Preview, output: Output): ReadonlyArray<string> => {
  const name = output.style("bold", preview.host);
  if ("error" in preview) return [`  ${preview.host}: ${preview.error}`];
  const { runs, wouldRun, changes, packages, removals, rebootNeeded } = preview;
  if (runs === wouldRun) return [`  ${name}: runs ${runs} already`];
  return [
    `  ${name}: ${runs} -> ${wouldRun}`,
    ...changes.map((line) => `    ${line}`),
    ...packages.map((line) => `    package ${line}`),
    ...(rebootNeeded.length === 0 ? [] : [`    needs a reboot: ${rebootNeeded.join(", ")} (--reboot)`]),
    ...removals.map((one) => `    takes away: ${one.text} (--accept-removal ${acceptedAs(preview.host, one)})`),
  ];
};

/**
 * `cim deploy --dry-run` for real hosts: systems are built and copied, and each host reports what an activation would
 * do. No host is changed, and no backend is asked.
 */
export const dryRun = async (
  cli: Invocation,
  { document, texts }: Pick<SourceGraph, "document" | "texts">,
  wishes: NixosWishes & { readonly hosts?: ReadonlyArray<string> },
): Promise<number> => {
  const { output } = cli;
  const hosts = await NixosHosts.open(nixosOptions(cli.host.env, wishes));
  const rendered = flakeOf(document, wishes.pin, texts);
  const flake = { digest: digests.sha256(flakeText(rendered)), files: rendered.files };
  const slot = pLimit(width);
  const waves = await Promise.all(
    wavesWith(planWaves(document), wishes.hosts).map((wave) =>
      Promise.all(wave.map((plan) => slot(() => previewOf(hosts, plan, flake, cli)))),
    ),
  );
  if (output.json) output.document({ type: "dry-run", graph: document.id, flakeDigest: flake.digest, waves });
  output.result(
    waves.flatMap((wave, index) => [`wave ${index + 1}`, ...wave.flatMap((preview) => previewLines(preview, output))]),
  );
  return waves.flat().some((preview) => "error" in preview) ? exitCode.failed : exitCode.done;
};
