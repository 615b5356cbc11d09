import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Option, Schema } from "effect";
import { type Flake, type Log, StepFailed, type TargetHost } from "../../contract/hosts.ts";
import { exists } from "../make-directory.ts";
import { type Ended, runProgram } from "./program.ts";
import { connectionError, lastLine, type SshSettings, sshArguments, userOf } from "./ssh.ts";

export interface NixSettings {
  /** The folder that keeps flakes between builds. */
  readonly folder: string;
  readonly ssh: SshSettings;
  /** True if hosts take only paths that a trusted key has signed. */
  readonly checkSignatures: boolean;
  /** The place where systems are built: here, or on the host that they are for. */
  readonly buildOn: "local" | "host";
}

interface Call {
  readonly signal: AbortSignal;
  readonly log?: Log | undefined;
}

export const flakes = ["--extra-experimental-features", "nix-command flakes"];

/** The store of a host (https://nix.dev/manual/nix/stable/store/types/experimental-ssh-store.html). */
export const storeOf = (target: TargetHost): string => {
  const { address, ssh } = target;
  const host = address.includes(":") ? `[${address}]` : address;
  const key = ssh?.identityFile === undefined ? "" : `?ssh-key=${encodeURIComponent(ssh.identityFile)}`;
  return `ssh-ng://${userOf(target)}@${host}${key}`;
};

const nix = (args: ReadonlyArray<string>, target: TargetHost, settings: NixSettings, call: Call): Promise<Ended> =>
  runProgram("nix", [...flakes, ...args], {
    ...call,
    env: { ...process.env, NIX_SSHOPTS: sshArguments(target, settings.ssh).join(" ") },
  });

/** Writes all files of a flake, or none, unless they are there. Returns their folder. */
export const flakeFolder = async ({ digest, files }: Flake, { folder }: NixSettings): Promise<string> => {
  const own = join(folder, "flakes", digest.replaceAll(/[^A-Za-z0-9-]/g, "_"));
  if (await exists(own)) return own;
  await mkdir(dirname(own), { recursive: true });
  const draft = await mkdtemp(`${own}.`);
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(draft, path)), { recursive: true });
      await writeFile(join(draft, path), text);
    }
    await rename(draft, own);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    // Another build has written the same files meanwhile.
    if (!(await exists(own))) throw error;
  }
  return own;
};

/** Locks the inputs of a flake once, so that all its hosts are built from the same versions. */
export const lockFlake = async (
  folder: string,
  target: TargetHost,
  settings: NixSettings,
  call: Call,
): Promise<void> => {
  if (await exists(join(folder, "flake.lock"))) return;
  const { code, stderr } = await nix(["flake", "lock", flakeReference(folder)], target, settings, call);
  if (code !== 0) throw new StepFailed({ message: `the inputs of the flake cannot be fetched: ${errorOf(stderr)}` });
};

/** Returns the store that nix uses here by default. */
const ownStore = (): string => process.env.NIX_REMOTE || "auto";

const flakeReference = (folder: string): string => `path:${pathToFileURL(folder).pathname}`;

/** Builds the system of a host. Returns its closure. */
export const buildSystem = async (
  folder: string,
  target: TargetHost,
  settings: NixSettings,
  call: Call,
): Promise<string> => {
  const attribute = `nixosConfigurations.${target.host}.config.system.build.toplevel`;
  const there = settings.buildOn === "host" ? ["--eval-store", ownStore(), "--store", storeOf(target)] : [];
  const args = ["build", `${flakeReference(folder)}#${attribute}`, "--no-link", "--json"];
  const ended = await nix([...args, "--no-update-lock-file", "--print-build-logs", ...there], target, settings, call);
  if (ended.code !== 0) {
    if (settings.buildOn === "host") throwIfCut(target, ended.stderr);
    throw new StepFailed({ message: `nix could not build ${target.host}: ${errorOf(ended.stderr)}` });
  }
  return outputOf(ended.stdout, target);
};

const decodeBuilt = Schema.decodeUnknownOption(
  Schema.fromJsonString(Schema.Tuple([Schema.Struct({ outputs: Schema.Struct({ out: Schema.NonEmptyString }) })])),
);

/** Returns the store path in the output of `nix build --json`. */
const outputOf = (printed: string, { host }: TargetHost): string => {
  const built = Option.getOrUndefined(decodeBuilt(printed));
  if (built === undefined)
    throw new StepFailed({ message: `nix did not say what it built for ${host}: ${printed.slice(0, 200)}` });
  return built[0].outputs.out;
};

/** Copies a closure to the host, with its references. */
export const copyClosure = async (
  closure: string,
  target: TargetHost,
  settings: NixSettings,
  call: Call,
): Promise<void> => {
  if (settings.buildOn === "host") return;
  const trust = settings.checkSignatures ? [] : ["--no-check-sigs"];
  const args = ["copy", "--to", storeOf(target), "--substitute-on-destination", ...trust, closure];
  const { code, stderr } = await nix(args, target, settings, call);
  if (code === 0) return;
  throwIfCut(target, stderr);
  if (/No space left on device|disk is full/i.test(stderr))
    throw new StepFailed({
      message: `the disk of ${target.host} is full: make room there (nix-collect-garbage), then deploy again`,
    });
  if (/lacks a (?:valid )?signature/.test(stderr))
    throw new StepFailed({
      message: settings.checkSignatures
        ? `${target.host} takes signed paths only: sign what is built (\`nix store sign --recursive --key-file KEY ${closure}\`; from now on with \`secret-key-files\` in the deployer's nix.conf) by a key among the host's \`nix.settings.trusted-public-keys\`, or start the backend without --check-signatures`
        : `nix on ${target.host} does not trust ${userOf(target)}, and so takes only signed paths of it: add it to \`nix.settings.trusted-users\` there, build on the host (--build-on host), or name another \`ssh.user\` in the graph`,
    });
  throw new StepFailed({ message: `the closure could not be copied to ${target.host}: ${errorOf(stderr)}` });
};

/** What ssh and nix print if the connection failed. */
const cut =
  /ssh: |kex_exchange|Connection (?:closed|reset|refused|timed out)|Broken pipe|cannot connect to|failed to start SSH connection|Host key verification failed|Permission denied \(|Timeout, server|unexpected end-of-file|Nix daemon disconnected/;

/** Throws the error of a broken connection, if the connection was broken. */
const throwIfCut = (target: TargetHost, stderr: string): void => {
  if (/No space left on device/i.test(stderr)) return;
  if (cut.test(stderr)) throw connectionError(target, stderr);
};

/** Returns the error that nix printed, without its trace. */
const errorOf = (stderr: string): string => {
  const errors = stderr.split("\n").flatMap((line) => /^\s*error: (.+)$/.exec(line)?.[1] ?? []);
  return errors.at(-1)?.trim() ?? (lastLine(stderr) || "it said nothing");
};
