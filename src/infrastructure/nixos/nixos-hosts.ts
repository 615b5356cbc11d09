import { readFile } from "node:fs/promises";
import pLimit from "p-limit";
import {
  type Activation,
  type Check,
  type Flake,
  type Log,
  type Observation,
  type Operator,
  type ProvisionalActivation,
  StepFailed,
  type TargetHost,
  type UnitAction,
} from "../../contract/hosts.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { healthUnits } from "../../domain/nix/mod.ts";
import { buildSystem, copyClosure, flakeFolder, lockFlake, type NixSettings } from "./nix.ts";
import type { Ended } from "./program.ts";
import { lastLine, runScript } from "./ssh.ts";

export type NixosOptions = NixSettings;

/** Builds and copies that run at once, whatever the width of a wave: `nix` takes much memory, a copy much network. */
const builds = 2;
const copies = 8;

/** Exit codes of `scripts/host.sh`. */
const refused = 10;
const ill = 11;

/**
 * The target `nixos`: real hosts, over nix and ssh. `scripts/host.sh` does the work on the host. Each call uses a
 * connection of its own, so that a health check after an activation proves that the host can still be reached.
 */
export class NixosHosts implements Operator {
  readonly #settings: NixosOptions;
  readonly #script: string;
  readonly #building = pLimit(builds);
  readonly #copying = pLimit(copies);
  /** The locking of each flake's inputs, under way or done. */
  readonly #locks = new Map<string, Promise<void>>();

  private constructor(settings: NixosOptions, script: string) {
    this.#settings = settings;
    this.#script = script;
  }

  static async open(settings: NixosOptions): Promise<NixosHosts> {
    return new NixosHosts(settings, await readFile(new URL("scripts/host.sh", import.meta.url), "utf8"));
  }

  async current(host: TargetHost, signal: AbortSignal): Promise<{ readonly closure: string }> {
    const closure = lastLine(await this.#on(host, ["current"], signal));
    if (!closure.startsWith("/nix/store/"))
      throw new StepFailed({
        message: `${host.host} runs no NixOS system: /run/current-system is ${closure || "not there"}`,
      });
    return { closure };
  }

  async observe(host: TargetHost, signal: AbortSignal): Promise<Observation> {
    return readObservation(await this.#on(host, ["observe"], signal));
  }

  async operate(host: TargetHost, { action, unit }: UnitAction, signal: AbortSignal): Promise<void> {
    await this.#on(host, ["operate", action, unit], signal);
  }

  async build(
    { host, flake }: { readonly host: TargetHost; readonly flake: Flake },
    signal: AbortSignal,
    log?: Log,
  ): Promise<string> {
    const call = { signal, log };
    return this.#building(async () => {
      const folder = await flakeFolder(flake, this.#settings);
      await this.#locked(folder, () => lockFlake(folder, host, this.#settings, call));
      return buildSystem(folder, host, this.#settings, call);
    });
  }

  async copy(
    host: TargetHost,
    closure: string,
    { deployment }: { readonly deployment: string },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    await this.bring(host, closure, signal, log);
    await this.#on(host, ["received", deployment, closure], signal);
  }

  /** Copies a closure into the host's store. Nothing there protects it from garbage collection. */
  async bring(host: TargetHost, closure: string, signal: AbortSignal, log?: Log): Promise<void> {
    const call = { signal, log };
    await this.#copying(() => copyClosure(closure, host, this.#settings, call));
  }

  async activate(
    host: TargetHost,
    closure: string,
    { deployment, previous, confirmWithinSeconds }: ProvisionalActivation,
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    const words = ["activate", closure, previous, deployment, String(Math.ceil(confirmWithinSeconds))];
    await this.#on(host, words, signal, log);
  }

  async check(
    host: TargetHost,
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
    host: TargetHost,
    closure: string,
    { deployment, activation = "switch" }: { readonly deployment: string; readonly activation?: Activation },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    await this.#on(host, ["confirm", closure, deployment, activation], signal, log);
  }

  async revert(
    host: TargetHost,
    previous: string,
    provision: { readonly deployment: string; readonly closure?: string; readonly boot?: boolean },
    signal: AbortSignal,
    log?: Log,
  ): Promise<string> {
    const { deployment, closure = "", boot = false } = provision;
    return lastLine(await this.#on(host, ["revert", previous, deployment, boot ? "any" : closure], signal, log));
  }

  /**
   * Returns what an activation of a closure on the host would do, in the words of systemd and NixOS. Changes nothing.
   */
  async preview(host: TargetHost, closure: string, signal: AbortSignal): Promise<string> {
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

  #run(host: TargetHost, words: ReadonlyArray<string>, signal: AbortSignal, log?: Log): Promise<Ended> {
    return runScript(host, words, { script: this.#script, settings: this.#settings.ssh, signal, log });
  }

  /** Runs a function of the script. Returns what it prints; its lines go to `log` too, as they come. */
  async #on(host: TargetHost, words: ReadonlyArray<string>, signal: AbortSignal, log?: Log): Promise<string> {
    const { code, stdout, stderr } = await this.#run(host, words, signal, log);
    if (code === 0) return stdout;
    throw failed(host, words[0] ?? "", code, stderr);
  }
}

const failed = ({ host }: TargetHost, step: string, code: number, stderr: string): StepFailed => {
  const said = lastLine(stderr);
  if (code === refused) return new StepFailed({ message: `${host}: ${said}` });
  return new StepFailed({ message: `${host}: ${step} ended with exit code ${code}${said === "" ? "" : `: ${said}`}` });
};

/** Returns the call of `scripts/host.sh` that checks a node. A command of the user's own runs in its unit. */
const checkWords = ({ node, kind, port, path = "/", unit, timeoutSeconds }: Check): ReadonlyArray<string> => {
  if (kind === "unit" && unit !== undefined) return ["steady", unit];
  if (kind === "exec" || port === undefined) return ["passes", healthUnits(node)[0] ?? ""];
  const seconds = String(Math.max(timeoutSeconds, 0.1));
  if (kind === "tcp") return ["tcp", String(port), seconds];
  return ["http", String(port), path.startsWith("/") ? path : `/${path}`, seconds];
};

const numberIn = (text: string | undefined): number | undefined => {
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
};

/**
 * Reads the lines `key=value` that `observe` of `scripts/host.sh` prints. A value that the host did not print is
 * absent.
 */
export const readObservation = (text: string): Observation => {
  const pairs = text.split("\n").flatMap((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const];
  });
  const printed = new Map(pairs);
  const [totalBytes, freeBytes] = [numberIn(printed.get("total")), numberIn(printed.get("free"))];
  return defined({
    closure: printed.get("closure") ?? "",
    failedUnits: pairs.filter(([key]) => key === "failed").map(([, unit]) => unit),
    boot: printed.get("boot") || undefined,
    generation: numberIn(printed.get("generation")),
    load: numberIn(printed.get("load")),
    uptimeSeconds: numberIn(printed.get("uptime")),
    disk: totalBytes === undefined || freeBytes === undefined ? undefined : { totalBytes, freeBytes },
  });
};
