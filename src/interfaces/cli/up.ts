import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { Cause, Effect, Exit, Layer, Logger, References } from "effect";
import { defined, visible } from "../../domain/kernel/mod.ts";
import { type Fault, parseFault } from "../../infrastructure/simulated/faults.ts";
import { telemetry } from "../../infrastructure/telemetry/otlp.ts";
import { type Backend, type BackendOptions, backend, type ClosedOptions } from "../backend.ts";
import type { HttpPort } from "../http/mod.ts";
import { accessTo, withKeys } from "./connection.ts";
import { addHttpOptions, type HttpWishes, httpDocument, httpText, withHttpPort } from "./console.ts";
import { CliFailure, exitCode, messageOf } from "./errors.ts";
import type { CommandGroup, Host, Invocation } from "./invocation.ts";
import { addNixosOptions, type NixosWishes, nixosOptions } from "./nixos-options.ts";
import { replicaCount, seconds } from "./settings.ts";
import { identityText } from "./text.ts";

/** The backend logs to stderr, because stdout is for results. */
export const logging = (level: "Info" | "Warn") =>
  Layer.mergeAll(
    Logger.layer([Logger.withConsoleError(Logger.map(Logger.formatLogFmt, visible))]),
    Layer.succeed(References.MinimumLogLevel, level),
  );

/**
 * Runs a backend in this process while `use` goes on, and stops it in order afterwards. If the user interrupts, the
 * backend stops at once and does not wait for `use`.
 */
export const withBackend = async <T>(
  options: BackendOptions,
  host: Host,
  level: "Info" | "Warn",
  use: (running: Backend) => Promise<T>,
): Promise<T> => {
  const program = Effect.gen(function* () {
    const running = yield* backend(options);
    return yield* Effect.tryPromise({ try: () => use(running), catch: (error) => error });
  });
  const exit = await Effect.runPromiseExit(
    program.pipe(Effect.scoped, Effect.provide(Layer.provideMerge(telemetry(host.env, "cim"), logging(level)))),
    { signal: host.signal },
  );
  if (Exit.isSuccess(exit)) return exit.value;
  const error = Cause.squash(exit.cause);
  throw error instanceof CliFailure || host.signal.aborted ? error : new CliFailure(messageOf(error), { cause: error });
};

/** The folder of the data unless `--store` or `CIM_STORE` names another. */
const defaultStore = ".cim/store";

/** Any free port, in the words of the embedded server. */
export const anyPort = -1;

const port = (text: string): number => {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535)
    throw new InvalidArgumentError("It must be a port from 1 to 65535, or 0 for any free one.");
  return value === 0 ? anyPort : value;
};

const commandsASecond = (text: string): number => {
  const value = Number(text);
  if (text.trim() === "" || !(value >= 0 && value <= 1_000_000))
    throw new InvalidArgumentError("It must be a number from 0 to 1000000.");
  return value;
};

/** One more `--fail` on the command line. */
export const fault = (text: string, before: ReadonlyArray<Fault> = []): ReadonlyArray<Fault> => {
  try {
    return [...before, parseFault(text)];
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
};

interface UpOptions extends NixosWishes, HttpWishes {
  readonly console: boolean;
  readonly store?: string;
  readonly port: number;
  readonly agents: boolean;
  readonly fail?: ReadonlyArray<Fault>;
  readonly reachSeconds: number;
  readonly confirmSeconds: number;
  readonly watchEvery?: number;
  readonly rate?: number;
  readonly replicas?: number;
}

/** What a backend needs of the keys in a folder. */
export const closedOptions = (folder: string): Promise<ClosedOptions> =>
  withKeys(async () => {
    const { authorityOf, backendCredentials, readInstallation } = await import("../../infrastructure/security/mod.ts");
    const { users } = await readInstallation(folder);
    return {
      folder,
      credentials: await backendCredentials(folder),
      ca: await authorityOf(folder),
      users: users
        .filter(({ revokedAt }) => revokedAt === undefined)
        .map(({ name: id, kind, roles }) => ({ id, kind, roles })),
    };
  });

const backendOptions = async ({ settings, host }: Invocation, options: UpOptions): Promise<BackendOptions> => ({
  store: resolve(options.store ?? (host.env.CIM_STORE || defaultStore)),
  port: options.port,
  prefix: settings.prefix,
  agents: options.agents,
  nixos: nixosOptions(host.env, options),
  pins: options.pin,
  patience: { reachWithinSeconds: options.reachSeconds, confirmationMarginSeconds: options.confirmSeconds },
  ...defined({
    nats: settings.natsGiven ? await accessTo(settings.nats, host.env) : undefined,
    closed: settings.secure === undefined ? undefined : await closedOptions(settings.secure),
    faults: options.fail,
    watchEverySeconds: options.watchEvery,
    rate: options.rate,
    replicas: options.replicas,
  }),
});

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });

const run =
  (options: UpOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { settings, output, host, signal } = cli;
    try {
      await withBackend(await backendOptions(cli, options), host, "Info", async ({ url, store, agents }) => {
        const ready = async (http?: HttpPort) => {
          await agents;
          const document = defined({ http: http === undefined ? undefined : httpDocument(http, settings.principal) });
          if (output.json) output.document({ type: "ready", url, store: store ?? null, ...document });
          output.result(`cim is up on ${output.style("bold", url)}`);
          output.result(store === undefined ? "  data: on that server" : `  data: ${store}`);
          if (http !== undefined) output.result(`  ${httpText(http, settings.principal)}`);
          output.result(`  ${identityText(settings.secure !== undefined)}`);
          if (!options.agents) output.result("  without the reference agents (--no-agents)");
          output.result("  deploy with `cim deploy FILE`, watch with `cim events tail`, end with Ctrl-C");
          await aborted(signal);
        };
        const nats = settings.natsGiven ? settings.nats : url;
        const sessions = store === undefined ? undefined : join(store, "console-sessions.json");
        const wishes = { ...defined({ consoleSessions: sessions }), ...options };
        await (options.console ? withHttpPort(cli, nats, wishes, ready) : ready());
      });
    } catch (error) {
      // The user asked it to end, and it ended in order.
      if (!signal.aborted) throw error;
    }
    return exitCode.done;
  };

/** `cim up`: the whole backend, until a signal ends it. */
export const up: CommandGroup = (program, runner) => {
  const command = program
    .command("up")
    .description("Runs the whole backend, on a nats-server of its own unless --nats names one.")
    .option("--store <folder>", `the folder of the data (default: $CIM_STORE or ${defaultStore})`)
    .option("--port <port>", "port of the nats-server of its own; 0: any free one", port, 4222)
    .option(
      "--replicas <number>",
      "on how many servers of a cluster each stream is kept: 1, 3 or 5; chosen when an installation is made",
      replicaCount,
    )
    .option("--no-agents", "without the reference agents")
    .option("--no-console", "without the HTTP port")
    .option("--rate <commands>", "commands a second of one principal; 0: no limit (default: 100)", commandsASecond)
    .option(
      "--watch-every <seconds>",
      "how often the monitor looks at hosts while nothing is deployed (default: 15)",
      seconds,
    )
    .option(
      "--fail <fault>",
      "something that goes wrong on a simulated host: NODE@HOST, build-fails:HOST, …; may be given again",
      fault,
    );
  addHttpOptions(command);
  addNixosOptions(command)
    .option("--reach-seconds <seconds>", "how long to try a host that does not answer", seconds, 60)
    .option(
      "--confirm-seconds <seconds>",
      "after how long a host that is not confirmed goes back, besides the time for its health checks",
      seconds,
      60,
    )
    .action((options: UpOptions, command: Command) => runner.run(command, run(options)));
};
