import { createHash } from "node:crypto";

/** The alphabet of Nix store paths: digits and letters without `e`, `o`, `t` and `u`. */
const alphabet = "0123456789abcdfghijklmnpqrsvwxyz";

/** 32 characters in the form of a store path's hash: 160 bits, five at a time. */
const storeHash = (text: string): string => {
  const bits = BigInt(`0x${createHash("sha256").update(text).digest("hex")}`);
  return Array.from({ length: 32 }, (_, index) => alphabet[Number((bits >> BigInt(5 * index)) & 31n)]).join("");
};

const closure = (host: string, content: string): string =>
  `/nix/store/${storeHash(`${host}\n${content}`)}-nixos-system-${host}-simulated`;

/** What a simulated host runs before anything was deployed to it. */
export const installedClosure = (host: string): string => closure(host, "as installed");

/** What a simulated host runs after somebody has changed it by hand, or booted another generation of it. */
export const strangeClosure = (host: string, how: "drift" | "reboot"): string => closure(host, `strange: ${how}`);

/**
 * The closure of a host as a simulated build of the flake gives it: the same for the same files of the host, so that a
 * host that a change leaves alone keeps its closure. The files of a host have its name as a part of their path
 * (`hosts/leaf-1.nix`, `hosts/leaf-1/default.nix`); where there are none, every file counts.
 */
export const builtClosure = (host: string, files: Readonly<Record<string, string>>): string => {
  const paths = Object.keys(files).sort();
  const own = paths.filter((path) => path.split("/").some((part) => part === host || part === `${host}.nix`));
  const counting = own.length > 0 ? own : paths;
  return closure(host, JSON.stringify(counting.map((path) => [path, files[path]])));
};
