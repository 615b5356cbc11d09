import { execFile } from "node:child_process";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { messageOf, systemCode } from "./errors.ts";

const root = resolve(import.meta.dirname, "../../..");
const built = join(root, "dist-page");
const vite = join(root, "node_modules/vite/bin/vite.js");

/** What the page is built from. */
const sources = ["src/console", "src/contract", "src/domain", "vite.config.ts", "package-lock.json"];

/** When the newest of some files was changed, in milliseconds since 1970; 0 if there is none. */
const newest = async (path: string): Promise<number> => {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  const times = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(join(entry.parentPath, entry.name)).catch(() => undefined))?.mtimeMs ?? 0);
  return Math.max(0, ...(await Promise.all(times)));
};

const exists = async (path: string): Promise<boolean> => (await newest(path)) > 0;

/** Builds the page beside the one that is there, and puts it in its place at once: another process may read it. */
const build = async (): Promise<void> => {
  const made = `${built}.${process.pid}`;
  try {
    const env = { ...process.env, CIM_PAGE_FOLDER: made };
    await promisify(execFile)(process.execPath, [vite, "build", "--logLevel", "error"], { cwd: root, env });
    await rm(built, { recursive: true, force: true });
    await rename(made, built).catch((error) => {
      // Another process was faster. Its page is as new.
      if (systemCode(error) !== "ENOTEMPTY" && systemCode(error) !== "EEXIST") throw error;
    });
  } finally {
    await rm(made, { recursive: true, force: true });
  }
};

/**
 * Returns the folder of the built page; undefined if there is none. An installed package has it. In the project it is
 * built at first use, and again if its sources are newer; `note` says so.
 */
export const pageFolder = async (note: (text: string) => void): Promise<string | undefined> => {
  const at = join(built, "index.html");
  const isProject = !root.includes("/node_modules/") && (await exists(vite));
  if (!isProject) return (await exists(at)) ? built : undefined;
  const changed = Math.max(...(await Promise.all(sources.map((source) => newest(join(root, source))))));
  if ((await newest(join(at))) >= changed) return built;
  note("building the page of the console, once …");
  try {
    await build();
    return built;
  } catch (error) {
    note(`the page of the console could not be built: ${messageOf(error)}`);
    return undefined;
  }
};
