import { exitCode, messageOf, systemCode } from "./errors.ts";
import type { Host } from "./invocation.ts";

const wish = new AbortController();

/** The first signal asks for an orderly end; the second ends the process at once. */
const onSignal = () => {
  if (wish.signal.aborted) process.exit(exitCode.interrupted);
  wish.abort();
};
process.on("SIGINT", onSignal);
process.on("SIGTERM", onSignal);

let unread = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => {
    if (systemCode(error) !== "EPIPE") throw error;
    // The reader has gone (`| head`): end quietly.
    unread = true;
    wish.abort();
  });
}

const readStdin = async (): Promise<Uint8Array> => {
  const chunks: Array<Buffer> = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const host: Host = {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  // A getter, because only commands that read standard input may open it.
  get stdin() {
    return process.stdin;
  },
  readStdin,
  signal: wish.signal,
};

const flushed = (stream: NodeJS.WriteStream) => new Promise<void>((resolve) => stream.write("", () => resolve()));

const main = async (): Promise<number> => {
  try {
    const { runCli } = await import("./program.ts");
    const { groupsFor } = await import("./registry.ts");
    const argv = process.argv.slice(2);
    return await runCli(argv, host, await groupsFor(argv));
  } catch (error) {
    const remedy = systemCode(error) === "ERR_MODULE_NOT_FOUND" ? ": run `npm ci`" : "";
    process.stderr.write(`cim: ${messageOf(error)}${remedy}\n`);
    return exitCode.failed;
  }
};

const code = await main();
if (!unread) await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
process.exit(unread ? exitCode.done : code);
