import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CliFailure, exitCode } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";

const folder = new URL("../../../benchmarks/", import.meta.url);

/** The names of the benchmarks: `benchmarks/<name>.ts`. */
const available = async (): Promise<ReadonlyArray<string>> => {
  const files = await readdir(folder).catch(() => []);
  return files.flatMap((file) => /^([a-z-]+)\.ts$/.exec(file)?.[1] ?? []).sort();
};

const measure = async (
  name: string,
  words: ReadonlyArray<string>,
  { settings, signal }: Invocation,
): Promise<number> => {
  const script = fileURLToPath(new URL(`${name}.ts`, folder));
  const child = spawn(process.execPath, [script, ...words, ...(settings.json ? ["--json"] : [])], { stdio: "inherit" });
  const stop = () => void child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  const [code] = await once(child, "exit");
  signal.removeEventListener("abort", stop);
  return code === 0 ? exitCode.done : exitCode.failed;
};

/** `cim bench`: runs a benchmark in a process of its own. Without a name it lists them. */
export const bench: CommandGroup = (program, runner) => {
  program
    .command("bench [name] [parts...]")
    .description("Runs a benchmark, or parts of it; lists the benchmarks without a name.")
    .action((name: string | undefined, parts: ReadonlyArray<string>, _options, command) =>
      runner.run(command, async (cli) => {
        const names = await available();
        if (name === undefined) {
          if (cli.output.json) cli.output.document({ benchmarks: names });
          cli.output.result(names);
          return exitCode.done;
        }
        if (!names.includes(name))
          throw new CliFailure(`there is no benchmark ${name}: use one of ${names.join(", ")}`);
        return measure(name, parts, cli);
      }),
    );
};
