import { normalForm } from "../graph/canonical.ts";
import type { GraphDocument } from "../graph/document.ts";
import { secretLikeFields } from "../graph/secret-check.ts";
import { type Flake, hostFile, type Pins, type RenderedFlake, renderFlake, type Texts } from "../nix/mod.ts";
import { planWaves } from "./plan.ts";
import { readme } from "./readme.ts";
import type { Waves } from "./waves.ts";

export interface FlakeOptions {
  /** `sha256-` and the hex SHA-256 of a text; a function of the caller's, since the domain has no library for it. */
  readonly sha256: (text: string) => string;
  /** For inputs that the graph does not pin itself. */
  readonly pins?: Pins;
  /** The files of hosts' bases, by their digests. */
  readonly texts?: Texts;
}

/** The path of what programs read of a flake: digests, waves, health checks, secrets and ways through firewalls. */
const deploymentFile = "deployment.json";

const readmeFile = "README.md";

/** The flake of a deployment, and what its page warns of: the fields of the graph that look like secrets. */
export interface DeploymentFlake extends Flake {
  readonly secretLike: ReadonlyArray<string>;
}

/** The flake of a valid graph with what people and programs need to deploy it. Same graph, same bytes. */
export const deploymentFlake = (
  given: GraphDocument,
  { sha256, pins = {}, texts = {} }: FlakeOptions,
): DeploymentFlake => {
  // Each of its parts sorts the graph, which is quick from here on.
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

/** What programs read: the digest of each file, hosts in waves with their health checks, secrets, and firewalls. */
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
