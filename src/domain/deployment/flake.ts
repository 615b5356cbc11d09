import { normalForm } from "../graph/canonical.ts";
import type { GraphDocument } from "../graph/document.ts";
import { secretLikeFields } from "../graph/secret-check.ts";
import { type Flake, hostFile, type Pins, type RenderedFlake, renderFlake, type Texts } from "../nix/mod.ts";
import { planWaves } from "./plan.ts";
import { readme } from "./readme.ts";
import type { Waves } from "./waves.ts";

export interface FlakeOptions {
  /**
   * Returns `sha256-` and the hex SHA-256 of a text. The caller provides it, because the domain has no library for it.
   */
  readonly sha256: (text: string) => string;
  /** The pins of inputs that the graph does not pin itself. */
  readonly pins?: Pins;
  /** The files of hosts' bases, by their digests. */
  readonly texts?: Texts;
}

/** The file for programs: digests, waves, health checks, secrets and firewall rules. */
const deploymentFile = "deployment.json";

const readmeFile = "README.md";

/** The flake of a deployment, and the fields of the graph that look like secrets, of which its README warns. */
export interface DeploymentFlake extends Flake {
  readonly secretLike: ReadonlyArray<string>;
}

/**
 * Returns the flake of a valid graph, with the files that people and programs need to deploy it. The same graph gives
 * the same bytes.
 */
export const deploymentFlake = (
  given: GraphDocument,
  { sha256, pins = {}, texts = {} }: FlakeOptions,
): DeploymentFlake => {
  // Each part sorts the graph. That is fast once the graph is sorted.
  const document = normalForm(given);
  const flake = renderFlake(document, { ...pins, ...document.pins }, texts);
  const waves = planWaves(document);
  const secretLike = secretLikeFields(document);
  return {
    secretLike,
    files: {
      ...flake.files,
      [deploymentFile]: deploymentText(document.id, flake, waves, sha256),
      [readmeFile]: readme(document, { hosts: flake.hosts, waves, secretLike }),
    },
  };
};

/**
 * Returns the file for programs: the digest of each file, hosts in waves with their health checks, secrets, and
 * firewall rules.
 */
const deploymentText = (
  graph: string,
  { files, hosts }: RenderedFlake,
  waves: Waves,
  sha256: FlakeOptions["sha256"],
): string => {
  const summary = {
    graph,
    digests: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, sha256(text)])),
    waves: waves.map((wave) => wave.map((plan) => ({ ...plan, module: hostFile(plan.host) }))),
    secrets: hosts.flatMap(({ id, secrets }) => secrets.map((secret) => ({ host: id, ...secret }))),
    policy: hosts.flatMap(({ admissions }) => admissions),
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
};
