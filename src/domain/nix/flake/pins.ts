import { release } from "./release.ts";

/** What a generated flake takes from elsewhere, as flake references. */
export const defaultPins = {
  nixpkgs: `github:NixOS/nixpkgs/nixos-${release}`,
  colmena: "github:zhaofengli/colmena",
  "deploy-rs": "github:serokell/deploy-rs",
} as const;

export type InputName = keyof typeof defaultPins;

/** Other references, by the name of the input: a commit, a fork, a folder. */
export type Pins = Readonly<Partial<Record<InputName, string>>>;

export const inputNames: ReadonlyArray<InputName> = ["nixpkgs", "colmena", "deploy-rs"];
