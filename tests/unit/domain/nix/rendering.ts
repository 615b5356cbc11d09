import { Result } from "effect";
import type { GraphDocument } from "../../../../src/domain/graph/document.ts";
import { hostModule } from "../../../../src/domain/nix/host.ts";
import { type NotRenderable, specify } from "../../../../src/domain/nix/mod.ts";
import { treeValue } from "./tree.ts";

/** The configuration of a host as JSON. Typed loosely, since tests look deep into it. */
export interface Configuration {
  readonly [option: string]: Configuration;
}

/** The configuration of each host of a graph. */
export const configurations = (document: GraphDocument): Record<string, Configuration> =>
  Object.fromEntries(
    Result.getOrThrow(specify(document)).hosts.map((host) => [host.id, treeValue(hostModule(host)) as Configuration]),
  );

/** What keeps a graph from being rendered. */
export const problemsOf = (document: GraphDocument): ReadonlyArray<NotRenderable> => {
  const result = specify(document);
  return Result.isFailure(result) ? result.failure : [];
};
