import { graphFileText } from "../../graph/canonical.ts";
import type { GraphDocument } from "../../graph/document.ts";
import { canonicalJson } from "../../kernel/mod.ts";
import { leafFile, leafModule } from "../host/base.ts";
import { specify } from "../host/mod.ts";
import { hostModule } from "../host/options.ts";
import { printFile } from "../language/print.ts";
import { hardeningExpression, hardeningFile } from "../unit/hardening.ts";
import { healthExpression, healthFile } from "../unit/health-functions.ts";
import { programsExpression, programsFile } from "../unit/programs.ts";
import { hostFile } from "./files.ts";
import { type HostSummary, summaryOf } from "./host-summary.ts";
import { flakeExpression } from "./outputs.ts";
import type { Pins } from "./pins.ts";

/** A flake: the text of each file by its path. */
export interface Flake {
  readonly files: Readonly<Record<string, string>>;
}

/** The Nix files of a flake, and what its hosts are. */
export interface RenderedFlake extends Flake {
  readonly hosts: ReadonlyArray<HostSummary>;
}

/**
 * The Nix files of the flake that deploys a valid graph (one for which `findProblems` tells no error), and the graph. The
 * same graph gives the same bytes, in whatever order its nodes and edges are written. `pins` say where its inputs come from.
 */
export const renderFlake = (document: GraphDocument, pins: Pins = {}): RenderedFlake => {
  const hosts: Array<HostSummary> = [];
  const modules: Array<readonly [file: string, text: string]> = [];
  // From specification to text host by host: of a large graph all of them at once would take much memory.
  for (const host of specify(document)) {
    hosts.push(summaryOf(host));
    modules.push([hostFile(host.id), printFile(hostModule(host))]);
  }
  const files = {
    "flake.nix": printFile(flakeExpression(document.id, hosts, pins)),
    "graph.json": graphFileText(document),
    [leafFile]: printFile(leafModule),
    [hardeningFile]: printFile(hardeningExpression),
    [healthFile]: printFile(healthExpression),
    [programsFile]: printFile(programsExpression),
    ...Object.fromEntries(modules),
  };
  return { files, hosts };
};

/** The text whose SHA-256 is the digest of a flake: its canonical JSON. */
export const flakeText = ({ files }: Flake): string => canonicalJson({ files });
