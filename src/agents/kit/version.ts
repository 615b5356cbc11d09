import { readFileSync } from "node:fs";
import { isObject } from "./json.ts";

const manifest: unknown = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));

/** The version of the package that the kit is a part of, in SemVer. */
export const kitVersion: string = isObject(manifest) ? String(manifest.version) : "0.0.0";
