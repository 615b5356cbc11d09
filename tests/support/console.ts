import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type Browser, chromium, type Page } from "playwright-core";
import { type Client, connect } from "../../src/agents/kit/mod.ts";
import type { Role } from "../../src/domain/kernel/mod.ts";
import { grantRoles } from "./authority.ts";
import { freePort } from "./nats.ts";
import { type TcpCut, tcpCut } from "./tcp-cut.ts";

const root = resolve(import.meta.dirname, "../..");
/** Where Chromium is. Undefined if there is none. */
export const chromiumPath = [process.env.CIM_CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== "" && existsSync(path),
);

/** A browser at a real `cim up` with real agents. */
export interface TestConsole {
  /** The nats-server, for `cim … --nats`. */
  readonly url: string;
  readonly origin: string;
  /** A client that speaks for the person who is logged in. */
  readonly client: Client;
  /** The page of that person. */
  readonly page: Page;
  /** Opens an address of the console, and waits until its heading is there. */
  readonly open: (path: string, page?: Page) => Promise<void>;
  /** A page of another person, in a browser of their own. */
  readonly another: (principal: string) => Promise<Page>;
  /** Gives principals roles, in the name of the admin. */
  readonly grant: (ids: ReadonlyArray<string>, ...roles: ReadonlyArray<Role>) => Promise<void>;
  /** Imports examples/five-services.json. */
  readonly importExample: () => Promise<void>;
  /** Kills the backend with its console server, and starts it again. */
  readonly server: { readonly kill: () => Promise<void>; readonly again: () => Promise<void> };
  /** The way between browser and console server; undefined unless it was asked for. */
  readonly way: TcpCut | undefined;
  /** What the pages said that they must not: errors, violations of the Content-Security-Policy. */
  readonly complaints: () => ReadonlyArray<string>;
  /** Ends all. Fails if a page has complained. */
  readonly dispose: () => Promise<void>;
}

/** What `cim up` says when it is ready. */
interface Ready {
  readonly url: string;
  readonly http: { readonly origin: string; readonly link: string };
}

/** The backend as a process, as people start it. After it was killed it starts again, with the same ports and data. */
const start = async (principal: string, args: ReadonlyArray<string>, consolePort: number) => {
  const store = await mkdtemp(join(tmpdir(), "cim-console-"));
  const launch = async (port: string) => {
    const ports = ["--port", port, "--console-port", String(consolePort)];
    const child = spawn(
      join(root, "bin/cim"),
      ["up", "--json", "--as", principal, "--store", store, ...ports, ...args],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
    let errors = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    const ready = await new Promise<Ready>((resolveReady, reject) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const message = JSON.parse(line);
        if (message.type === "ready") resolveReady(message);
      });
      child.once("exit", (code) => reject(new Error(`cim up ended with ${code}: ${errors}`)));
    });
    return { child, ready };
  };
  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    const { child } = running;
    child.kill(signal);
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  };
  let running = await launch("0");
  const { url, http } = running.ready;
  return {
    url,
    http,
    kill: () => end("SIGKILL"),
    again: async () => {
      running = await launch(new URL(url).port);
    },
    stop: async () => {
      await end("SIGTERM");
      await rm(store, { recursive: true, force: true });
    },
  };
};

const importExample = async (client: Client) => {
  const document = JSON.parse(await readFile(join(root, "examples/five-services.json"), "utf8"));
  await client.command("graph", document.id, "import", document);
};

/** In each page: violations of the Content-Security-Policy are said, and the events of its streams are kept. */
const inEachPage = `{
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    console.error("securitypolicyviolation", violatedDirective, blockedURI));
  const heard = (globalThis.heardEvents = []);
  const add = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (type, listener, ...more) {
    const keeping = (event) => {
      const { id, subject, feedsequence } = JSON.parse(event.data);
      heard.push({ id, subject, feedsequence, address: this.url });
      listener(event);
    };
    add.call(this, type, type === "event" ? keeping : listener, ...more);
  };
}`;

/** Milliseconds. A bound for what hangs: a busy machine makes everything ten times as long. */
const patience = 240_000;

/** Reports what a page says that it must not. Requests that are refused or lost are part of what is tested. */
const watch = (page: Page, complaints: Array<string>): void => {
  page.on("pageerror", (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    const text = message.text();
    const isOurs = message.type() === "error" || message.type() === "warning";
    // Chromium without a graphics card says how slow it is.
    const isKnown = text.startsWith("Failed to load resource") || text.includes("GL Driver Message");
    if (isOurs && !isKnown) complaints.push(`${page.url()}: ${text}`);
  });
};

/**
 * Starts `cim up` as `principal` and logs a browser in. More arguments of `cim up` may be given. With `isCuttable`, what
 * is between browser and server can be cut.
 */
export const openConsole = async ({
  principal = "ann",
  args = [],
  isCuttable = false,
  port,
}: {
  readonly principal?: string;
  readonly args?: ReadonlyArray<string>;
  readonly isCuttable?: boolean;
  /** The port of the console, if somebody must know it before; otherwise a free one. */
  readonly port?: number;
} = {}): Promise<TestConsole> => {
  const consolePort = port ?? (await freePort());
  const way = isCuttable ? await tcpCut(`http://127.0.0.1:${consolePort}`) : undefined;
  const through = way === undefined ? [] : ["--console-origin", way.url.replace("nats:", "http:")];
  const backend = await start(principal, [...through, ...args], consolePort);
  const { url } = backend;
  const { origin } = backend.http;
  const client = await connect({ servers: url, principal });
  const browser: Browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
  const complaints: Array<string> = [];
  const logIn = async (link: string) => {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
    context.setDefaultTimeout(patience);
    await context.addInitScript(inEachPage);
    context.on("page", (page) => watch(page, complaints));
    const page = await context.newPage();
    await page.goto(link);
    await page.getByRole("navigation", { name: "Sections" }).waitFor();
    return page;
  };
  const page = await logIn(backend.http.link);
  const others: Array<() => Promise<void>> = [];
  return {
    url,
    origin,
    client,
    page,
    open: async (path, on = page) => {
      // Another person has another console server.
      await on.goto(new URL(path, on.url()).href);
      await on.getByRole("main").getByRole("heading").first().waitFor();
    },
    another: async (person) => {
      const other = spawn(
        join(root, "bin/cim"),
        ["console", "--json", "--nats", url, "--as", person, "--console-port", "0"],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      others.push(async () => {
        other.kill("SIGTERM");
        if (other.exitCode === null && other.signalCode === null) await once(other, "exit");
      });
      const [line] = await once(createInterface({ input: other.stdout }), "line");
      return logIn(JSON.parse(line).http.link);
    },
    grant: (ids, ...roles) => grantRoles({ servers: url }, ids, ...roles),
    importExample: () => importExample(client),
    server: backend,
    way,
    complaints: () => complaints,
    dispose: async () => {
      await browser.close();
      await client.close();
      await Promise.all(others.map((end) => end()));
      await backend.stop();
      await way?.close();
      if (complaints.length > 0) throw new Error(`pages have complained:\n${complaints.join("\n")}`);
    },
  };
};

/** An event that a page got over its stream. */
export interface HeardEvent {
  readonly id: string;
  readonly subject: string;
  readonly feedsequence: number;
  /** The address of the stream, which says what it followed. */
  readonly address: string;
}

/** The events that a page got over all its streams, in the order in which they came. */
export const heardBy = (page: Page): Promise<ReadonlyArray<HeardEvent>> => page.evaluate("heardEvents");

interface Violation {
  readonly id: string;
  readonly help: string;
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>;
}

const axePath = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const axe = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] })
  .then(({ violations }) => violations)`;

/** What axe finds against WCAG 2.2 AA in a page as it is, in both themes. */
export const axeViolations = async (page: Page): Promise<ReadonlyArray<string>> => {
  const found: Array<string> = [];
  // By the debugger: the Content-Security-Policy lets no other script in.
  await page.evaluate(await readFile(axePath, "utf8"));
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const violations = (await page.evaluate(axe)) as ReadonlyArray<Violation>;
    for (const { id, help, nodes } of violations)
      for (const { html, failureSummary } of nodes)
        found.push(`${colorScheme} ${id} (${help}): ${html.slice(0, 200)} ${failureSummary ?? ""}`);
  }
  await page.emulateMedia({ colorScheme: null });
  return found;
};

/** Whether something of a page is wider than the window: nobody should have to scroll sideways to read. */
export const isTooWide = async (page: Page, width: number): Promise<boolean> => {
  const before = page.viewportSize();
  await page.setViewportSize({ width, height: 800 });
  const wide = (await page.evaluate("document.documentElement.scrollWidth > innerWidth")) as boolean;
  if (before !== null) await page.setViewportSize(before);
  return wide;
};
