import { readFile } from "node:fs/promises";
import pLimit from "p-limit";
import { healthUnits } from "../../domain/nix/mod.ts";
import { StepFailed } from "../host-errors.ts";
import { buildSystem, copyClosure, type Flake, flakeFolder, lockFlake, type NixSettings } from "./nix.ts";
import { type Observation, readObservation } from "./observation.ts";
import type { Ended } from "./program.ts";
import { lastLine, runScript, type Target } from "./ssh.ts";

export type NixosOptions = NixSettings;

/** What `nix` and a copy take of memory and network keeps them few, whatever the width of a wave. */
const builds = 2;
const copies = 8;

/** Exit codes of `scripts/host.sh`. */
const refused = 10;
const ill = 11;

interface Check {
  readonly node: string;
  readonly kind: "http" | "tcp" | "exec" | "unit";
  readonly port?: number;
  readonly path?: string;
  readonly unit?: string;
  readonly timeoutSeconds: number;
}

type Log = ((line: string) => void) | undefined;

/**
 * The target `nixos`: real hosts, over nix and ssh. What happens on a host is done by `scripts/host.sh` there; each call
 * comes over a connection of its own, so that a health check after an activation proves that the host can be reached.
 */
export class NixosHosts {
  readonly #settings: NixosOptions;
  readonly #script: string;
  readonly #building = pLimit(builds);
  readonly #copying = pLimit(copies);
  /** Flakes whose inputs are being, or have been, found out. */
  readonly #locks = new Map<string, Promise<void>>();

  private constructor(settings: NixosOptions, script: string) {
    this.#settings = settings;
    this.#script = script;
  }

  static async open(settings: NixosOptions): Promise<NixosHosts> {
    return new NixosHosts(settings, await readFile(new URL("scripts/host.sh", import.meta.url), "utf8"));
  }

  async current(host: Target, signal: AbortSignal): Promise<{ readonly closure: string }> {
    const closure = lastLine(await this.#on(host, ["current"], signal));
    if (!closure.startsWith("/nix/store/"))
      throw new StepFailed(`${host.host} runs no NixOS system: /run/current-system is ${closure || "not there"}`);
    return { closure };
  }

  async observe(host: Target, signal: AbortSignal): Promise<Observation> {
    return readObservation(await this.#on(host, ["observe"], signal));
  }

  async operate(
    host: Target,
    { action, unit }: { readonly action: string; readonly unit: string },
    signal: AbortSignal,
  ): Promise<void> {
    await this.#on(host, ["operate", action, unit], signal);
  }

  async build(
    { host, flake }: { readonly host: Target; readonly flake: Flake },
    signal: AbortSignal,
    log?: Log,
  ): Promise<string> {
    const call = { signal, ...(log === undefined ? {} : { log }) };
    return this.#building(async () => {
      const folder = await flakeFolder(flake, this.#settings);
      await this.#locked(folder, () => lockFlake(folder, host, this.#settings, call));
      return buildSystem(folder, host, this.#settings, call);
    });
  }

  async copy(
    host: Target,
    closure: string,
    { deployment }: { readonly deployment: string },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    await this.bring(host, closure, signal, log);
    await this.#on(host, ["received", deployment, closure], signal);
  }

  /** Brings a closure into the host's store, where nothing keeps it from being collected as garbage. */
  async bring(host: Target, closure: string, signal: AbortSignal, log?: Log): Promise<void> {
    const call = { signal, ...(log === undefined ? {} : { log }) };
    await this.#copying(() => copyClosure(closure, host, this.#settings, call));
  }

  async activate(
    host: Target,
    closure: string,
    provision: { readonly deployment: string; readonly previous: string; readonly confirmWithinSeconds: number },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    const { deployment, previous, confirmWithinSeconds } = provision;
    const words = ["activate", closure, previous, deployment, String(Math.ceil(confirmWithinSeconds))];
    await this.#on(host, words, signal, log);
  }

  async check(
    host: Target,
    check: Check,
    signal: AbortSignal,
  ): Promise<{ readonly ok: boolean; readonly detail?: string }> {
    const { code, stderr } = await this.#run(host, checkWords(check), signal);
    if (code === 0) return { ok: true };
    if (code === ill)
      return { ok: false, detail: `${check.node} is not well: ${lastLine(stderr) || "its check failed"}` };
    throw failed(host, "check", code, stderr);
  }

  async confirm(
    host: Target,
    closure: string,
    { deployment, activation = "switch" }: { readonly deployment: string; readonly activation?: string },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    await this.#on(host, ["confirm", closure, deployment, activation], signal, log);
  }

  async revert(
    host: Target,
    previous: string,
    provision: { readonly deployment: string; readonly closure?: string; readonly boot?: boolean },
    signal: AbortSignal,
    log?: Log,
  ): Promise<string> {
    const { deployment, closure = "", boot = false } = provision;
    return lastLine(await this.#on(host, ["revert", previous, deployment, boot ? "any" : closure], signal, log));
  }

  /** What an activation of a closure that is on the host would do, in systemd's and NixOS's words; changes nothing. */
  async preview(host: Target, closure: string, signal: AbortSignal): Promise<string> {
    return this.#on(host, ["would", closure], signal);
  }

  async #locked(folder: string, lock: () => Promise<void>): Promise<void> {
    const locking = this.#locks.get(folder) ?? lock();
    this.#locks.set(folder, locking);
    try {
      await locking;
    } catch (error) {
      this.#locks.delete(folder);
      throw error;
    }
  }

  #run(host: Target, words: ReadonlyArray<string>, signal: AbortSignal, log?: Log): Promise<Ended> {
    const options = { script: this.#script, settings: this.#settings.ssh, signal };
    return runScript(host, words, log === undefined ? options : { ...options, log });
  }

  /** What a function of the script prints; its lines go to `log` too, as they come. */
  async #on(host: Target, words: ReadonlyArray<string>, signal: AbortSignal, log?: Log): Promise<string> {
    const { code, stdout, stderr } = await this.#run(host, words, signal, log);
    if (code === 0) return stdout;
    throw failed(host, words[0] ?? "", code, stderr);
  }
}

const failed = ({ host }: Target, step: string, code: number, stderr: string): StepFailed => {
  const said = lastLine(stderr);
  if (code === refused) return new StepFailed(`${host}: ${said}`);
  return new StepFailed(`${host}: ${step} ended with exit code ${code}${said === "" ? "" : `: ${said}`}`);
};

/** The call of `scripts/host.sh` that looks whether a node is well. A command of the user's own runs in its unit. */
const checkWords = ({ node, kind, port, path = "/", unit, timeoutSeconds }: Check): ReadonlyArray<string> => {
  if (kind === "unit" && unit !== undefined) return ["steady", unit];
  if (kind === "exec" || port === undefined) return ["passes", healthUnits(node)[0] ?? ""];
  const seconds = String(Math.max(timeoutSeconds, 0.1));
  if (kind === "tcp") return ["tcp", String(port), seconds];
  return ["http", String(port), path.startsWith("/") ? path : `/${path}`, seconds];
};
