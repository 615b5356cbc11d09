import type { GraphDocument } from "../graph/document.ts";
import { type Flake, hostFile } from "../nix/mod.ts";
import { planWaves, residentsOf } from "./plan.ts";

/** What is known of a host before a deployment. */
export interface HostNow {
  /** The closure that it runs. */
  readonly closure?: string;
  /** Whether a deployment has been there. */
  readonly deployed: boolean;
  /** The module that it was built from; absent where that is not known, or not what it runs. */
  readonly module?: string;
}

/** What a deployment would do to a host; `was` is the closure that it runs now. */
export interface HostChange {
  readonly host: string;
  readonly address: string;
  readonly nodes: ReadonlyArray<string>;
  readonly change: "new" | "changed" | "unchanged";
  readonly was?: string;
}

/** What a deployment of the graph, rendered as `flake`, would change, host by host, in the order of its waves. */
export const hostChanges = (
  document: GraphDocument,
  { files }: Flake,
  now: ReadonlyMap<string, HostNow>,
): ReadonlyArray<ReadonlyArray<HostChange>> => {
  const residents = residentsOf(document);
  return planWaves(document).map((wave) =>
    wave.map(({ host, address }): HostChange => {
      const known = now.get(host);
      const base = { host, address, nodes: residents.get(host) ?? [] };
      const was = known?.closure === undefined ? {} : { was: known.closure };
      if (known?.deployed !== true) return { ...base, change: "new", ...was };
      const change = known.module === files[hostFile(host)] ? "unchanged" : "changed";
      return { ...base, change, ...was };
    }),
  );
};
