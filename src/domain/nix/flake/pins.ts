import { Schema } from "effect";
import type { GraphDocument } from "../../graph/document.ts";
import { defined } from "../../kernel/mod.ts";

/** The release of NixOS that generated flakes are built from. */
export const release = "26.05";

/** The inputs of a generated flake that no module of an operator names, as flake references. */
export const defaultPins = {
  nixpkgs: `github:NixOS/nixpkgs/nixos-${release}`,
  colmena: "github:zhaofengli/colmena",
  "deploy-rs": "github:serokell/deploy-rs",
} as const;

/** References in their place, by the name of the input: a commit, a fork, a folder. */
export type Pins = Readonly<Record<string, string>>;

/** An input of the flake of a graph. */
export const GraphInput = Schema.Struct({
  name: Schema.String,
  /** Where it comes from. */
  reference: Schema.String,
  /** Who says so for good. Without it the reference is a branch, which is another commit tomorrow. */
  pinnedBy: Schema.optionalKey(Schema.Literals(["graph", "installation"])),
}).annotate({ identifier: "GraphInput" });
export type GraphInput = typeof GraphInput.Type;

/** Whether a reference names a commit, or the hash of what is there. */
const isFixed = (reference: string): boolean => /\b[0-9a-f]{40}\b|\bnarHash=/.test(reference);

/** The inputs that the systems of a graph are built from. `installation` is for those that the graph does not pin. */
export const inputsOf = (
  { pins = {}, nodes }: Pick<GraphDocument, "pins" | "nodes">,
  installation: Pins = {},
): ReadonlyArray<GraphInput> => {
  const named = nodes.flatMap((node) => (node.type === "host" ? Object.entries(node.inputs ?? {}) : []));
  const references = new Map<string, string>([
    ["nixpkgs", defaultPins.nixpkgs],
    ...named.map(([name, { url }]) => [name, url] as const),
  ]);
  return [...references].map(([name, url]) => {
    const reference = pins[name] ?? installation[name] ?? url;
    const pinnedBy =
      pins[name] !== undefined || (installation[name] === undefined && isFixed(url))
        ? ("graph" as const)
        : installation[name] === undefined
          ? undefined
          : ("installation" as const);
    return defined({ name, reference, pinnedBy });
  });
};
