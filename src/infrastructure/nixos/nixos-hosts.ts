import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { Option, Schema } from "effect";
import pLimit from "p-limit";
import {
  type Activation,
  type Check,
  type Examination,
  type Flake,
  isHostUnreachable,
  isShut,
  type Log,
  NeedsReboot,
  type Observation,
  type Operator,
  type ProvisionalActivation,
  StepFailed,
  type TargetHost,
  type UnitAction,
} from "../../contract/hosts.ts";
import { outcomeOf } from "../../domain/host/activation-outcome.ts";
import type { AdoptableHost } from "../../domain/host/adoptable.ts";
import { BuiltSystem, mountsOf } from "../../domain/host/built-system.ts";
import { bootObstacle, type Reached, removalsOf } from "../../domain/host/removals.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { healthUnits } from "../../domain/nix/service/specification.ts";
import { buildSystem, copyClosure, flakeFolder, lockFlake, type NixSettings } from "./nix.ts";
import type { Ended } from "./program.ts";
import { readAdoptable } from "./read-adoptable.ts";
import { readEnd, readObservation, readRunning } from "./readings.ts";
import { lastLine, runScript, userOf } from "./ssh.ts";

const decodeSystem = Schema.decodeUnknownOption(Schema.fromJsonString(BuiltSystem));

export type NixosOptions = NixSettings;

/** The texts of the files in `scripts/`. */
type Scripts = Readonly<Record<"look" | "adopt" | "host", string>>;

/** The builds and copies that run at once, for waves of any width. A build takes much memory, a copy much network. */
const builds = 2;
const copies = 8;

/** The milliseconds that a reboot may take. The firmware of large machines takes minutes. */
const longestReboot = 15 * 60_000;

/** Exit codes of `scripts/host.sh`. */
const refused = 10;
const ill = 11;
const ended = 12;

/**
 * The target `nixos`: real hosts, over nix and ssh. `scripts/host.sh` does the work on the host. Each call opens a new
 * connection. So a health check after an activation proves that the host can still be reached.
 */
export class NixosHosts implements Operator {
  readonly #settings: NixosOptions;
  readonly #script: string;
  readonly #adopting: string;
  readonly #building = pLimit(builds);
  readonly #copying = pLimit(copies);
  /** The lock of each flake's inputs, under way or done. */
  readonly #locks = new Map<string, Promise<void>>();

  private constructor(settings: NixosOptions, { look, adopt, host }: Scripts) {
    this.#settings = settings;
    this.#script = `${look}\n${host}`;
    this.#adopting = `${look}\n${adopt}\n${host}`;
  }

  static async open(settings: NixosOptions): Promise<NixosHosts> {
    const textOf = (name: keyof Scripts) => readFile(new URL(`scripts/${name}.sh`, import.meta.url), "utf8");
    const [look, adopt, host] = await Promise.all([textOf("look"), textOf("adopt"), textOf("host")]);
    return new NixosHosts(settings, { look, adopt, host });
  }

  /** Reads the facts that a base of the host is made from. Changes nothing there. */
  async adoptable(host: TargetHost, signal: AbortSignal): Promise<AdoptableHost> {
    await this.current(host, signal);
    return readAdoptable(await this.#on(host, ["adopt"], signal, undefined, this.#adopting));
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

  async examine(host: TargetHost, closure: string, next: TargetHost, signal: AbortSignal): Promise<Examination> {
    const said = await this.#on(host, ["system", closure], signal);
    const built = Option.getOrUndefined(decodeSystem(said));
    if (built === undefined)
      throw new StepFailed({
        message: `${closure} does not say what it makes of ${host.host}: an older program has rendered it, so request the deployment again`,
      });
    const devices = [...mountsOf(built).values(), ...built.swapDevices].map(({ device }) => device);
    const looked = await this.#on(
      host,
      ["look", userOf(next), closure, ...devices.filter((one) => one !== "")],
      signal,
    );
    const running = readRunning(looked);
    const obstacle = bootObstacle(running, built);
    if (obstacle !== undefined)
      throw new StepFailed({ message: `${host.host} could not boot this system: ${obstacle}` });
    return { removals: removalsOf(running, built, reached(host, next)) };
  }

  /** Copies a closure into the host's store, without protection from garbage collection. */
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
    const seconds = String(Math.ceil(confirmWithinSeconds));
    const words = ["activate", closure, previous, deployment, seconds];
    const over = new AbortController();
    const extending = this.#extending(host, deployment, confirmWithinSeconds, AbortSignal.any([signal, over.signal]));
    try {
      const { code, stderr } = await this.#run(host, words, signal, log);
      if (code === ended) await this.#judge(host, closure, deployment, signal);
      else if (code !== 0) throw failed(host, "activate", code, stderr);
    } finally {
      over.abort();
      await extending;
    }
  }

  /**
   * Extends the deadline of the way back again and again, each time over a new connection. So an activation may take
   * any time while its deployer can reach the host. A host that is out of reach goes back at its deadline.
   */
  async #extending(host: TargetHost, deployment: string, seconds: number, signal: AbortSignal): Promise<void> {
    const pause = Math.max(500, (seconds * 1000) / 4);
    while (!signal.aborted) {
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await this.#run(host, ["extend", deployment, String(Math.ceil(seconds))], signal).catch(() => undefined);
    }
  }

  /** Throws the error of an activation that did not end with exit code 0, unless it did no harm. */
  async #judge(host: TargetHost, closure: string, deployment: string, signal: AbortSignal): Promise<void> {
    const outcome = outcomeOf(readEnd(await this.#on(host, ["outcome", deployment], signal)));
    if (outcome.is === "failed") throw new StepFailed({ message: `${host.host}: ${outcome.message}` });
    if (outcome.is === "needs-reboot")
      throw new NeedsReboot({
        message: `${host.host} can come to ${closure} only by a reboot (${outcome.reasons.join("; ")}): let the deployment reboot it (--reboot), or deploy it with the activation boot`,
        reasons: outcome.reasons,
      });
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

  async outdated(host: TargetHost, closure: string, signal: AbortSignal): Promise<ReadonlyArray<string>> {
    const parts = await this.#on(host, ["outdated", closure], signal);
    return parts.split("\n").filter((part) => part !== "");
  }

  async reboot(
    host: TargetHost,
    closure: string,
    { deployment, previous, confirmWithinSeconds, next = host }: ProvisionalActivation & { readonly next?: TargetHost },
    signal: AbortSignal,
    log?: Log,
  ): Promise<void> {
    const seconds = String(Math.ceil(confirmWithinSeconds));
    await this.#on(host, ["restart", closure, previous, deployment, seconds], signal, log);
    const ways = next === host ? [host] : [next, host];
    const { running, way } = await this.#returned(ways, deployment, signal);
    if (running !== closure)
      throw new StepFailed({ message: `${host.host}: after the reboot it runs ${running}, not ${closure}` });
    await this.#on(way, ["extend", deployment, seconds], signal);
  }

  /**
   * Waits until a host is up again after its reboot. Returns the closure that it runs, and the way in that was open.
   * The new system may have another address or port, and the old system, after a way back, has the old one.
   */
  async #returned(ways: ReadonlyArray<TargetHost>, deployment: string, signal: AbortSignal) {
    const latest = Date.now() + longestReboot;
    let last: unknown;
    while (Date.now() <= latest) {
      for (const way of ways) {
        const answer = await this.#run(way, ["returned", deployment], signal).catch((error: unknown) => {
          // One of two ways may be another user's. On the only way, waiting does not help a refused login.
          if (!(ways.length > 1 ? isShut(error) : isHostUnreachable(error))) throw error;
          last = error;
          return undefined;
        });
        if (answer?.code === 0) return { running: lastLine(answer.stdout), way };
        if (answer === undefined) continue;
        const error = failed(way, "reboot", answer.code, answer.stderr);
        if (answer.code !== ill) throw error;
        last = new StepFailed({ message: `${way.host}: the reboot does not end: ${lastLine(answer.stderr)}` });
      }
      await sleep(1_000, undefined, { signal });
    }
    throw last;
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

  /** Returns the packages whose version or size differs between a closure and the running one, in the format of nix. */
  async packages(host: TargetHost, closure: string, signal: AbortSignal): Promise<ReadonlyArray<string>> {
    const said = await this.#on(host, ["packages", closure], signal);
    return said.split("\n").filter((line) => line !== "");
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

  #run(
    host: TargetHost,
    words: ReadonlyArray<string>,
    signal: AbortSignal,
    log?: Log,
    script = this.#script,
  ): Promise<Ended> {
    return runScript(host, words, { script, settings: this.#settings.ssh, signal, log });
  }

  /** Runs a function of the script. Returns its output. Each line also goes to `log` at once. */
  async #on(
    host: TargetHost,
    words: ReadonlyArray<string>,
    signal: AbortSignal,
    log?: Log,
    script?: string,
  ): Promise<string> {
    const { code, stdout, stderr } = await this.#run(host, words, signal, log, script);
    if (code === 0) return stdout;
    throw failed(host, words[0] ?? "", code, stderr);
  }
}

/** Returns how the host is reached after the deployment, and what the deployment removes on purpose. */
const reached = (host: TargetHost, next: TargetHost): Reached => {
  const [port, nextPort] = [host, next].map(({ ssh }) => ssh?.port ?? 22);
  return defined({
    user: userOf(next),
    port: port === nextPort ? undefined : port,
    address: host.address === next.address ? undefined : host.address,
  });
};

const failed = ({ host }: TargetHost, step: string, code: number, stderr: string): StepFailed => {
  const said = lastLine(stderr);
  if (code === refused) return new StepFailed({ message: `${host}: ${said}` });
  return new StepFailed({ message: `${host}: ${step} ended with exit code ${code}${said === "" ? "" : `: ${said}`}` });
};

/** Returns the call of `scripts/host.sh` that checks a node. A check by a command of the user runs in its unit. */
const checkWords = ({ node, kind, port, path = "/", unit, timeoutSeconds }: Check): ReadonlyArray<string> => {
  if (kind === "unit" && unit !== undefined) return ["steady", unit];
  if (kind === "exec" || port === undefined) return ["passes", healthUnits(node)[0] ?? ""];
  const seconds = String(Math.max(timeoutSeconds, 0.1));
  if (kind === "tcp") return ["tcp", String(port), seconds];
  return ["http", String(port), path.startsWith("/") ? path : `/${path}`, seconds];
};
