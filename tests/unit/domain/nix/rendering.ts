import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { hostModule } from "../../../../src/domain/nix/host/options.ts";
import { renderFlake, specify } from "../../../../src/domain/nix/mod.ts";
import { treeValue } from "./tree.ts";

/** The configuration of a host as JSON. Typed loosely, since tests look deep into it. */
export interface Configuration {
  readonly [option: string]: Configuration;
}

/** The configuration of each host of a graph. */
export const configurations = (document: GraphDocument): Record<string, Configuration> =>
  Object.fromEntries([...specify(document)].map((host) => [host.id, treeValue(hostModule(host)) as Configuration]));

/** The Nix files of a graph. */
export const filesOf = (document: GraphDocument): Readonly<Record<string, string>> => renderFlake(document).files;
