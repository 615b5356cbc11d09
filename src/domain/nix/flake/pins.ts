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
