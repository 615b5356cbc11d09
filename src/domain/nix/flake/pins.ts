import type { GraphDocument } from "../../graph/document.ts";
import type { GraphInput } from "../../graph/host-files.ts";
import { defined } from "../../kernel/mod.ts";

/** The release of NixOS that generated flakes are built from. */
export const release = "26.05";

/**
 * The inputs of a generated flake that come from this program and not from an operator's module, as flake references.
 */
export const defaultPins = {
  nixpkgs: `github:NixOS/nixpkgs/nixos-${release}`,
  colmena: "github:zhaofengli/colmena",
  "deploy-rs": "github:serokell/deploy-rs",
} as const;

/** References that replace others, by the name of the input: a commit, a fork or a folder. */
export type Pins = Readonly<Record<string, string>>;

/**
 * Forms of references whose content cannot change: those with a hash of the content, and those of a commit in a place
 * that Nix asks for that commit. In any other URL a commit is only a part of a name.
 */
const fixed = [
  /[?&]narHash=sha256-[^&#]/,
  /^(?:github|gitlab|sourcehut):[^/?#]+\/[^/?#]+\/[0-9a-f]{40}(?:[?#]|$)/,
  /^(?:github:|gitlab:|sourcehut:|git[+:]|hg\+)[^#]*[?&]rev=[0-9a-f]{40}(?:[&#]|$)/,
];

/** Whether a reference names a commit or the hash of its content. */
export const isFixed = (reference: string): boolean => fixed.some((form) => form.test(reference));

const repositoryOf = (reference: string): string | undefined => {
  const [, repository] = /^((?:github|gitlab):[^/?#]+\/[^/?#]+)/.exec(reference) ?? [];
  const [, host = ""] = /[?&]host=([^&#]*)/.exec(reference) ?? [];
  return repository === undefined ? undefined : `${repository} ${host}`.toLowerCase();
};

/**
 * Whether a pin can be what a reference means: a commit of the same repository. Only Nix can resolve other kinds of
 * references.
 */
export const canMean = (reference: string, pin: string): boolean => {
  const repository = repositoryOf(reference);
  return isFixed(pin) && (repository === undefined || repository === repositoryOf(pin));
};

/**
 * Returns the inputs that the systems of a graph are built from. `installation` has the pins for inputs that the graph
 * does not pin.
 */
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
