import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../../..");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd?: string;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly launcher?: string;
}

/** Starts bin/cim as a process of its own. */
export const start = (args: ReadonlyArray<string>, { cwd = root, env = {}, launcher }: Surroundings = {}) =>
  spawn(launcher ?? join(root, "bin/cim"), [...args], { cwd, env: { ...process.env, ...env } });

/** Runs bin/cim to its end. */
export const cim = async (args: ReadonlyArray<string>, surroundings: Surroundings = {}): Promise<Ended> => {
  const child = start(args, surroundings);
  const read = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    read.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    read.stderr += text;
  });
  child.stdin.on("error", () => {});
  child.stdin.end(surroundings.stdin ?? "");
  await once(child, "close");
  return { code: child.exitCode, ...read };
};
