import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { defined } from "../../domain/kernel/mod.ts";
import type { HttpPort } from "../http/mod.ts";
import { needsTls } from "../http/origins.ts";
import type { ProviderOptions } from "../http/provider.ts";
import { accessAs } from "./connection.ts";
import { CliFailure, exitCode, messageOf, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { pageFolder } from "./page.ts";

/** The options of every command that opens the HTTP port. */
export interface HttpWishes {
  readonly consolePort?: number;
  readonly consoleAddress?: string;
  readonly consoleOrigin?: ReadonlyArray<string>;
  readonly consoleSessions?: string;
  readonly oidcIssuer?: string;
  readonly oidcClientId?: string;
  readonly oidcSecretFile?: string;
  readonly oidcClaim?: string;
  readonly oidcPeople?: string;
}

const port = (text: string): number => {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new InvalidArgumentError("It must be a port from 1 to 65535, or 0 for any free one.");
};

const origin = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => {
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return [...before, url.origin];
  throw new InvalidArgumentError("It must be an origin, such as https://cim.example.org.");
};

const issuer = (text: string): string => {
  const url = URL.parse(text);
  if (url !== null && (url.protocol === "https:" || (url.protocol === "http:" && !needsTls(url.href)))) return text;
  throw new InvalidArgumentError("It must be an https:// address; http:// is for one on this machine only.");
};

/** Adds the options of the HTTP port. */
export const addHttpOptions = (command: Command): Command =>
  command
    .option("--console-port <port>", "HTTP port (default: 7422, or any free one if that is taken; 0: any)", port)
    .option("--console-address <address>", "the address to listen at (default: 127.0.0.1)")
    .option(
      "--console-origin <origin>",
      "where a proxy in front serves it, such as https://cim.example.org; may be given again",
      origin,
    )
    .option(
      "--console-sessions <file>",
      "the file that keeps log-ins over a restart (default of `cim up`: in its folder of data; else none)",
    )
    .option("--oidc-issuer <url>", "the OpenID provider that people log in by, such as https://id.example.org", issuer)
    .option("--oidc-client-id <id>", "as which client the provider knows this console")
    .option("--oidc-secret-file <file>", "the file with the secret of that client (default: none, it has PKCE only)")
    .option("--oidc-claim <claim>", "what people are known by, such as sub or email (default: sub)")
    .option("--oidc-people <file>", 'which principal each of them is: {"ann@example.org": "ann"}');

/** The OpenID provider that is wished for; undefined if none is. */
const providerOf = async (wishes: HttpWishes): Promise<ProviderOptions | undefined> => {
  const { oidcIssuer, oidcClientId, oidcSecretFile, oidcPeople, oidcClaim = "sub" } = wishes;
  if (oidcIssuer === undefined && oidcClientId === undefined && oidcPeople === undefined) return undefined;
  if (oidcIssuer === undefined || oidcClientId === undefined || oidcPeople === undefined)
    throw usageFailure("to log in by a provider give --oidc-issuer, --oidc-client-id and --oidc-people");
  const secret =
    oidcSecretFile === undefined
      ? undefined
      : await readFile(oidcSecretFile, "utf8").catch((error) => {
          throw new CliFailure(`--oidc-secret-file ${oidcSecretFile} cannot be read: ${messageOf(error)}`);
        });
  const people = resolve(oidcPeople);
  const { readPeople } = await import("../http/provider.ts");
  if ((await readPeople(people)) === undefined)
    throw new CliFailure(
      `--oidc-people ${oidcPeople} is not JSON that maps names to principals: {"ann@example.org": "ann"}`,
    );
  return { issuer: oidcIssuer, clientId: oidcClientId, secret: secret?.trim(), claim: oidcClaim, people };
};

/**
 * Opens the HTTP port beside what `use` does, for the installation on `nats`, and closes it afterwards. People who log
 * in by a link of this process speak through connections of their own, with the access of this command line.
 */
export const withHttpPort = async <T>(
  { settings, host, output }: Invocation,
  nats: string,
  wishes: HttpWishes,
  use: (http: HttpPort) => Promise<T>,
): Promise<T> => {
  const [provider, { openHttpPort, defaultPort }, { connect }, page] = await Promise.all([
    providerOf(wishes),
    import("../http/mod.ts"),
    import("../../agents/kit/client.ts"),
    pageFolder((text) => output.note(text)),
  ]);
  const { consolePort, consoleAddress, consoleOrigin, consoleSessions } = wishes;
  const http = await openHttpPort({
    connectAs: async (principal) => {
      const access = await accessAs({ ...settings, nats }, principal, host.env);
      return connect({ ...access, prefix: settings.prefix, principal });
    },
    principal: settings.principal,
    ...defined({ port: consolePort, address: consoleAddress, origins: consoleOrigin, sessions: consoleSessions }),
    ...defined({ page, provider }),
  }).catch((error) => {
    throw new CliFailure(messageOf(error), { cause: error });
  });
  try {
    if (consolePort === undefined && http.port !== defaultPort)
      output.note(`HTTP port ${defaultPort} is taken: ${http.port} is used instead`);
    return await use(http);
  } finally {
    await http.close();
  }
};

/** What people are told of the port: a link if there is a page to open, else what it answers. */
export const httpText = (http: HttpPort, principal: string): string =>
  http.hasPage
    ? `console: ${http.link(principal)}  (works once, for 15 minutes)`
    : `HTTP: ${http.origin} answers /healthz, /readyz, /metrics, and the API under /api`;

/** What programs are told of it. */
export const httpDocument = (http: HttpPort, principal: string) => ({
  origin: http.origin,
  link: http.link(principal),
});

const run =
  (wishes: HttpWishes) =>
  async (cli: Invocation): Promise<number> => {
    const { settings, output, signal } = cli;
    await withHttpPort(cli, settings.nats, wishes, async (http) => {
      if (output.json) output.document({ type: "ready", http: httpDocument(http, settings.principal) });
      output.result(httpText(http, settings.principal));
      output.result("  end with Ctrl-C");
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    });
    return exitCode.done;
  };

/** `cim console`: the HTTP port alone, for a backend that runs elsewhere. */
export const httpConsole: CommandGroup = (program, runner) => {
  addHttpOptions(
    program
      .command("console")
      .description("Serves the console for a backend elsewhere, until Ctrl-C: the page, its API, health, metrics."),
  ).action((wishes: HttpWishes, command: Command) => runner.run(command, run(wishes)));
};
