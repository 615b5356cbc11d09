import { expect, test } from "@jest/globals";
import { canMean, isFixed } from "../../../../../src/domain/nix/mod.ts";

const commit = "0123456789abcdef0123456789abcdef01234567";

test.each([
  [`github:NixOS/nixpkgs/${commit}`, true],
  [`gitlab:a/b/${commit}?dir=x`, true],
  [`github:a/b?rev=${commit}`, true],
  [`git+https://example.org/a?ref=main&rev=${commit}`, true],
  ["github:a/b/main?narHash=sha256-x", true],
  ["https://example.org/a.tar.gz?narHash=sha256-x%3D", true],
  ["github:NixOS/nixpkgs/nixos-26.05", false],
  [`github:${commit}/b/main`, false],
  [`https://example.org/${commit}/a.tar.gz`, false],
  [`https://example.org/a.tar.gz?rev=${commit}`, false],
  [`git+https://example.org/a?ref=main#rev=${commit}`, false],
  ["path:/a?narHash=", false],
])("whether %s is the same for ever: %s", (reference, is) => {
  expect(isFixed(reference)).toBe(is);
});

test("a branch of a repository means a commit of that repository", () => {
  const means = (pin: string) => canMean("github:NixOS/nixpkgs/nixos-26.05", pin);
  expect(means(`github:nixos/nixpkgs/${commit}?narHash=sha256-x`)).toBe(true);
  expect(means(`github:evil/nixpkgs/${commit}`)).toBe(false);
  expect(means(`github:NixOS/nixpkgs/${commit}?host=evil.example`)).toBe(false);
  expect(means(`gitlab:NixOS/nixpkgs/${commit}`)).toBe(false);
  // What a registry or a redirect leads to is not in the reference.
  expect(canMean("flake:nixpkgs", `github:NixOS/nixpkgs/${commit}`)).toBe(true);
});
