import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll } from "@jest/globals";
import { describeWith } from "../../support/installed.ts";

/** The files of a flake: their texts by their paths. */
export type Files = Readonly<Record<string, string>>;

/** The folder of the stand-in for nixpkgs; an expression may import it. */
export const standIn = fileURLToPath(new URL("../../nixpkgs", import.meta.url));

/**
 * What the inputs of a flake are replaced by: the stand-ins, or with CIM_NIXPKGS (and CIM_COLMENA, CIM_DEPLOY_RS) real
 * flakes, which takes the network and the machine's own store.
 */
const real = process.env.CIM_NIXPKGS;
const inputs = {
  nixpkgs: real ?? `path:${standIn}`,
  colmena: real === undefined ? `path:${standIn}/colmena` : process.env.CIM_COLMENA,
  "deploy-rs": real === undefined ? `path:${standIn}/deploy-rs` : process.env.CIM_DEPLOY_RS,
};

const maxBuffer = 256 * 1024 * 1024;

const inFolder = <A>(files: Files, use: (folder: string) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "cim-nix-"));
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

/** For expressions of their own, evaluation needs no store: nothing is built or copied. */
const instantiate = (args: ReadonlyArray<string>, text: string): string =>
  inFolder({ "expression.nix": text }, (folder) =>
    execFileSync(
      "nix-instantiate",
      ["--option", "store", "dummy://", "--option", "substituters", "", ...args, join(folder, "expression.nix")],
      { encoding: "utf8", maxBuffer, stdio: ["ignore", "pipe", "pipe"] },
    ),
  );

/** Throws where Nix does not parse the text. */
export const parse = (text: string): void => {
  instantiate(["--parse"], text);
};

/** What the text evaluates to, as JSON. */
export const evaluate = (text: string): unknown => JSON.parse(instantiate(["--eval", "--strict", "--json"], text));

/** A store of our own: any user may use it, it needs no daemon, and the machine's /nix is left alone. */
let store: string | undefined;

/** Forgets what was evaluated and built. */
const removeStore = (): void => {
  if (store === undefined) return;
  // What Nix has built is read-only.
  execFileSync("chmod", ["-R", "u+w", store]);
  rmSync(store, { recursive: true });
  store = undefined;
};

const storeEnvironment = (): Readonly<Record<string, string>> => {
  if (real !== undefined) return {};
  store ??= mkdtempSync(join(tmpdir(), "cim-nix-store-"));
  return {
    NIX_STORE_DIR: join(store, "store"),
    NIX_STATE_DIR: join(store, "var"),
    NIX_LOG_DIR: join(store, "log"),
    XDG_CACHE_HOME: join(store, "cache"),
  };
};

/** Nothing is fetched; builders run as we do, with the programs of the machine; the disk may take its time. */
const ownStore = Object.entries({
  substituters: "",
  sandbox: "false",
  "build-users-group": "",
  "fsync-metadata": "false",
  "max-jobs": "auto",
}).flatMap(([name, value]) => ["--option", name, value]);

/** The attribute of a flake. That for other tools is in a folder of it, and nix takes folders of git repositories only. */
const installable = (folder: string, attribute: string): string => {
  if (!attribute.startsWith("tools.")) return `path:${folder}#${attribute}`;
  execFileSync("git", ["init", "--quiet", folder]);
  execFileSync("git", ["-C", folder, "add", "--all"]);
  return `git+file://${folder}?dir=tools#${attribute.slice("tools.".length)}`;
};

/** Runs nix on an attribute of the flake in a folder, or of the one for other tools (`tools.colmenaHive`). */
const nix = (command: string, folder: string, attribute: string, args: ReadonlyArray<string>): string =>
  execFileSync(
    "nix",
    [
      "--extra-experimental-features",
      "nix-command flakes",
      command,
      "--json",
      "--no-write-lock-file",
      "--option",
      "eval-cache",
      "false",
      ...(real === undefined ? ["--offline", ...ownStore] : []),
      ...Object.entries(inputs).flatMap(([name, flake]) =>
        flake === undefined ? [] : ["--override-input", name, flake],
      ),
      installable(folder, attribute),
      ...args,
    ],
    {
      encoding: "utf8",
      maxBuffer,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...storeEnvironment() },
    },
  );

/**
 * What an attribute of a flake evaluates to, as JSON; with `apply`, what that function (in Nix) makes of it. Fails with
 * Nix's message. Evaluate all hosts of a flake at once where you can: most of the time is spent on the start.
 */
export const evaluateFlake = (files: Files, attribute: string, apply?: string): unknown =>
  inFolder(files, (folder) =>
    JSON.parse(nix("eval", folder, attribute, ["--read-only", ...(apply === undefined ? [] : ["--apply", apply])])),
  );

/** What a function (in Nix) makes of each host's configuration, by the hosts. */
export const evaluateHosts = (files: Files, apply: string): Record<string, unknown> =>
  Object(evaluateFlake(files, "nixosConfigurations", `builtins.mapAttrs (_: host: (${apply}) host.config)`));

/** Builds an attribute of a flake. Answers the path of what was built, which is there until the group of tests ends. */
export const buildFlake = (files: Files, attribute: string): string =>
  inFolder(files, (folder) => JSON.parse(nix("build", folder, attribute, ["--no-link"]))[0].outputs.out);

/** Builds the system of a host: the folder with its `bin/switch-to-configuration`. */
export const buildToplevel = (files: Files, host: string): string =>
  buildFlake(files, `nixosConfigurations.${host}.config.system.build.toplevel`);

/** With CIM_REQUIRE_NIX=1 these tests fail where Nix is missing. */
export const describeWithNix = (name: string, tests: () => void): void =>
  describeWith(
    "nix-instantiate",
    "apt-get install nix-bin brings it",
    process.env.CIM_REQUIRE_NIX === "1",
  )(name, () => {
    afterAll(removeStore);
    tests();
  });

export const describeWithSystemd = describeWith("systemd-analyze", "apt-get install systemd brings it");

export const describeWithNixfmt = describeWith(
  "nixfmt",
  "it is a package of nixpkgs, and at https://github.com/NixOS/nixfmt",
);
