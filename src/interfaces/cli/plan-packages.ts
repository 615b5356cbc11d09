import type { HostChange } from "../../domain/deployment/host-change.ts";
import { planWaves } from "../../domain/deployment/plan.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { flakeText, type Pins } from "../../domain/nix/mod.ts";
import { digests } from "../../infrastructure/digests.ts";
import { closureDifferences, closureSize, hasNix } from "../../infrastructure/nixos/closures.ts";
import { NixosHosts } from "../../infrastructure/nixos/nixos-hosts.ts";
import { CliFailure, messageOf } from "./errors.ts";
import { flakeOf } from "./graph/flake.ts";
import type { SourceGraph } from "./graph/source.ts";
import type { Invocation } from "./invocation.ts";
import { nixosOptions } from "./nixos-options.ts";
import type { Output } from "./output.ts";

/** The system that a host would get, as nix has built it here. */
export interface BuiltHost {
  readonly host: string;
  readonly closure?: string;
  /** With all that it refers to. */
  readonly bytes?: number;
  readonly wasBytes?: number;
  /** Packages in other versions or sizes, a line each. */
  readonly packages?: ReadonlyArray<string>;
  /** Why something of this is not known. */
  readonly unknown?: string;
}

/** Builds the system of a host, and compares it with what runs there if that is in this machine's store too. */
const builtHost = async (
  { host, was }: HostChange,
  build: () => Promise<string>,
  signal: AbortSignal,
): Promise<BuiltHost> => {
  try {
    const closure = await build();
    const built = defined({ host, closure, bytes: await closureSize(closure, signal) });
    if (was === undefined) return built;
    const wasBytes = await closureSize(was, signal);
    if (wasBytes === undefined) {
      const unknown = `what ${host} runs is not in the store of this machine: \`cim deploy --dry-run\` compares on the host`;
      return { ...built, unknown };
    }
    return { ...built, wasBytes, packages: await closureDifferences(was, closure, signal) };
  } catch (error) {
    signal.throwIfAborted();
    return { host, unknown: messageOf(error) };
  }
};

/** What nix makes of the hosts that get another system. `pins` are all that count. */
export const builtHosts = async (
  { host: { env }, signal, output }: Invocation,
  { document, texts }: Pick<SourceGraph, "document" | "texts">,
  changes: ReadonlyArray<HostChange>,
  pins: Pins,
): Promise<ReadonlyArray<BuiltHost>> => {
  if (!(await hasNix(signal)))
    throw new CliFailure(
      "nix is not installed here, and only nix knows packages: plan without --packages, or run this where nix is",
    );
  const hosts = await NixosHosts.open(
    nixosOptions(env, { pin: pins, sshOption: [], buildOn: "local", checkSignatures: false }),
  );
  const { files } = flakeOf(document, pins, texts);
  const flake = { digest: digests.sha256(flakeText({ files })), files };
  const plans = new Map(
    planWaves(document)
      .flat()
      .map((plan) => [plan.host, plan]),
  );
  const built: Array<BuiltHost> = [];
  for (const change of changes.filter(({ build }) => build)) {
    const plan = plans.get(change.host);
    if (plan === undefined) continue;
    output.note(`${change.host}: builds`);
    built.push(await builtHost(change, () => hosts.build({ host: plan, flake }, signal), signal));
  }
  return built;
};

const mebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

/** The same for people. */
export const builtLines = (
  { bytes, wasBytes, packages = [], unknown }: BuiltHost,
  output: Output,
): ReadonlyArray<string> => [
  ...(bytes === undefined
    ? []
    : [`    closure  ${wasBytes === undefined ? "" : `${mebibytes(wasBytes)} -> `}${mebibytes(bytes)}`]),
  ...packages.map((line) => `    ${output.style("yellow", "package ")} ${line}`),
  ...(unknown === undefined ? [] : [`    packages unknown: ${unknown}`]),
];
