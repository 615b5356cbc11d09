import { existsSync } from "node:fs";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** Where Debian, Ubuntu, Alpine and NixOS have Chromium. */
const places = [process.env.CIM_CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** What is missing, and how to get it. */
class NoBrowser extends Error {}

/** Starts Chromium without a window. Fails with what to install. */
export const startBrowser = async (): Promise<Browser> => {
  const executablePath = [...places, "/run/current-system/sw/bin/chromium"].find(
    (path) => path !== "" && existsSync(path),
  );
  if (executablePath === undefined)
    throw new NoBrowser("there is no Chromium: `apt-get install chromium`, or name the program in CIM_CHROMIUM");
  const driver = await import("playwright-core").catch(() => undefined);
  if (driver === undefined)
    throw new NoBrowser(
      "there is no playwright-core: run this in the project, after `npm ci`, or `npm install playwright-core`",
    );
  return driver.chromium.launch({ executablePath, args: ["--no-sandbox"] });
};

/** A browser that is logged in, with a page of the console. */
export interface LoggedIn {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly origin: string;
}

/** Milliseconds. A bound for what hangs: a large graph on a slow machine takes minutes. */
const patience = 300_000;

/** Logs a browser in, by a link that works once. */
export const logIn = async (browser: Browser, link: string): Promise<LoggedIn> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: "reduce" });
  context.setDefaultTimeout(patience);
  const page = await context.newPage();
  await page.goto(link);
  await page.getByRole("navigation", { name: "Sections" }).waitFor();
  return { context, page, origin: new URL(page.url()).origin };
};

/** What draws WebGL, and whether it is a program and no graphics card. */
export const graphicsOf = async (page: Page): Promise<{ readonly name: string; readonly isSoftware: boolean }> => {
  const name = String(
    await page.evaluate(`(() => {
      const gl = document.createElement("canvas").getContext("webgl");
      const known = gl?.getExtension("WEBGL_debug_renderer_info");
      return known ? gl.getParameter(known.UNMASKED_RENDERER_WEBGL) : "none";
    })()`),
  );
  return { name, isSoftware: /swiftshader|llvmpipe|software|none/i.test(name) };
};
