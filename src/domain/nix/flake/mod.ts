import { graphFileText } from "../../graph/canonical.ts";
import type { GraphDocument } from "../../graph/document.ts";
import { canonicalJson } from "../../kernel/mod.ts";
import { missingText } from "../host/base.ts";
import { hostModule } from "../host/options.ts";
import { specify } from "../host/specification.ts";
import { printFile } from "../language/print.ts";
import { type HostSummary, summaryOf } from "./host-summary.ts";
import { flakeExpression, hostFile } from "./outputs.ts";
import type { Pins } from "./pins.ts";
import { type Files, sharedFiles } from "./shared-files.ts";
import { toolsExpression, toolsFile } from "./tools.ts";

/** Texts by their digests. */
export type Texts = Readonly<Record<string, string>>;

/** A flake: the text of each file by its path. */
export interface Flake {
  readonly files: Files;
}

/** The files of a flake, and a summary of each of its hosts. */
export interface RenderedFlake extends Flake {
  readonly hosts: ReadonlyArray<HostSummary>;
}

/**
 * Returns the flake that deploys a valid graph (one in which `findProblems` finds no error): its Nix files, the
 * programs that its hosts share, and the graph. The same graph gives the same bytes, whatever the order of its nodes
 * and edges. `pins` are the references of the flake's inputs. `texts` holds the files of hosts' bases by their digests.
 */
export const renderFlake = (document: GraphDocument, pins: Pins = {}, texts: Texts = {}): RenderedFlake => {
  const hosts: Array<HostSummary> = [];
  const modules: Array<readonly [file: string, text: string]> = [];
  // The loop renders one host at a time, because a large graph would take much memory if all hosts were rendered at
  // once.
  for (const host of specify(document)) {
    hosts.push(summaryOf(host));
    modules.push([hostFile(host.id), printFile(hostModule(host))]);
    for (const [file, digest] of Object.entries(host.base.files))
      modules.push([file, texts[digest] ?? missingText(file)]);
  }
  const files = {
    "flake.nix": printFile(flakeExpression(document.id, hosts, pins)),
    [toolsFile]: printFile(toolsExpression(document.id, hosts, pins)),
    "graph.json": graphFileText(document),
    ...sharedFiles(),
    ...Object.fromEntries(modules),
  };
  return { files, hosts };
};

/** Returns the text whose SHA-256 is the digest of a flake: its canonical JSON. */
export const flakeText = ({ files }: Flake): string => canonicalJson({ files });
