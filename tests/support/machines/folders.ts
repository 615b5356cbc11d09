import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** A file beside this one. */
export const script = (name: string): string => join(import.meta.dirname, name);

/** What outlives a run: `CIM_TEST_MACHINES`, else below the user's cache. May be removed when no machines run. */
const cacheFolder = (): string =>
  process.env.CIM_TEST_MACHINES ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "cim-leaf", "machines");

/** The Debian that machines start from: another one when `base.sh` changes. */
export const baseFolder = (): string =>
  join(
    cacheFolder(),
    `base-${createHash("sha256")
      .update(readFileSync(script("base.sh")))
      .digest("hex")
      .slice(0, 12)}`,
  );

/** The folders of runs. */
export const runsFolder = (): string => join(cacheFolder(), "runs");
