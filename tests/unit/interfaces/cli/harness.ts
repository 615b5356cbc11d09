import { Readable } from "node:stream";
import type { CommandGroup, Host } from "../../../../src/interfaces/cli/invocation.ts";
import { runCli } from "../../../../src/interfaces/cli/program.ts";

interface Surroundings {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  readonly terminal?: boolean;
}

/** A host that keeps what is written to it. */
export const fakeHost = ({ env = {}, stdin = "", terminal = false }: Surroundings = {}) => {
  const written = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({
    isTTY: terminal,
    columns: 80,
    write: (text: string) => {
      written[name] += text;
    },
  });
  const host: Host = {
    env,
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    stdin: Object.assign(Readable.from([stdin]), { isTTY: terminal }),
    readStdin: async () => (typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin),
    signal: new AbortController().signal,
  };
  return { host, written };
};

/** Runs a command line of these groups: its exit code and what it wrote. */
export const runIn = async (
  groups: ReadonlyArray<CommandGroup>,
  argv: ReadonlyArray<string>,
  surroundings: Surroundings = {},
) => {
  const { host, written } = fakeHost(surroundings);
  const code = await runCli(argv, host, groups);
  return { code, ...written };
};
