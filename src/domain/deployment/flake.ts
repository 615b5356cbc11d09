import type { GraphDocument } from "../graph/document.ts";
import { admissionsOf, type Flake, hostFile, type Pins, renderFlake, type Specification, specify } from "../nix/mod.ts";
import { planWaves } from "./plan.ts";
import { readme } from "./readme.ts";
import type { Waves } from "./waves.ts";

export interface FlakeOptions {
  /** `sha256-` and the hex SHA-256 of a text; a function of the caller's, since the domain has no library for it. */
  readonly sha256: (text: string) => string;
  readonly pins?: Pins;
}

/** The path of what programs read of a flake: digests, waves, health checks, secrets and ways through firewalls. */
const deploymentFile = "deployment.json";

const readmeFile = "README.md";

/** The flake of a valid graph with what people and programs need to deploy it. Same graph, same bytes. */
export const deploymentFlake = (document: GraphDocument, { sha256, pins = {} }: FlakeOptions): Flake => {
  const specification = specify(document);
  const waves = planWaves(document);
  const { files } = renderFlake(document, specification, pins);
  return {
    files: {
      ...files,
      [deploymentFile]: deploymentText(specification, waves, files, sha256),
      [readmeFile]: readme(document, specification, waves),
    },
  };
};

/** What programs read: the digest of each file, hosts in waves with their health checks, secrets, and firewalls. */
const deploymentText = (
  { graph, hosts }: Specification,
  waves: Waves,
  files: Flake["files"],
  sha256: FlakeOptions["sha256"],
): string => {
  const summary = {
    graph,
    digests: Object.fromEntries(Object.entries(files).map(([file, text]) => [file, sha256(text)])),
    waves: waves.map((wave) => wave.map((plan) => ({ ...plan, module: hostFile(plan.host) }))),
    secrets: hosts.flatMap(({ id, secrets }) => secrets.map((secret) => ({ host: id, ...secret }))),
    policy: hosts.flatMap(admissionsOf),
  };
  return `${JSON.stringify(summary, null, 2)}\n`;
};
