import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

const root = resolve(import.meta.dirname, "../..");

/** `cim up` as a process of its own, so that it can be killed. */
export interface BackendProcess {
  readonly url: string;
  readonly pid: number;
  /** SIGKILL, and wait until it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM, and wait; the exit code. */
  readonly stop: () => Promise<number | null>;
  /** What it said on standard error. */
  readonly errors: () => string;
}

const gone = (child: ChildProcess): Promise<unknown> =>
  child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, "exit");

/** Starts `cim up` and waits until it answers commands. */
export const startBackend = (...args: ReadonlyArray<string>): Promise<BackendProcess> =>
  startBackendIn(process.env, ...args);

/** Starts `cim up` in an environment of its own. */
export const startBackendIn = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>): Promise<BackendProcess> =>
  launchBackend(env, ...args).ready;

/** A backend that starts. */
export interface StartingBackend {
  readonly ready: Promise<BackendProcess>;
  /** What it has said on standard error. */
  readonly errors: () => string;
}

/** Starts `cim up` and waits for nothing. */
export const launchBackend = (env: NodeJS.ProcessEnv, ...args: ReadonlyArray<string>): StartingBackend => {
  const child = spawn(join(root, "bin/cim"), ["up", "--json", ...args], { env, stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  const answers = new Promise<string>((resolveUrl, reject) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const message = JSON.parse(line) as { readonly type: string; readonly url: string };
      if (message.type === "ready") resolveUrl(message.url);
    });
    child.once("exit", (code) => reject(new Error(`cim up ended with ${code}: ${errors}`)));
  });
  const running = (url: string): BackendProcess => ({
    url,
    pid: child.pid ?? 0,
    kill: async () => {
      child.kill("SIGKILL");
      await gone(child);
    },
    stop: async () => {
      child.kill("SIGTERM");
      await gone(child);
      return child.exitCode;
    },
    errors: () => errors,
  });
  return { ready: answers.then(running), errors: () => errors };
};
