// Strips the types of this package's own files where it is installed below node_modules, which Node alone refuses.
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";

const sources = new URL("../src/", import.meta.url).href;

registerHooks({
  load: (url, context, nextLoad) =>
    url.startsWith(sources) && url.endsWith(".ts")
      ? { format: "module", source: stripTypeScriptTypes(readFileSync(fileURLToPath(url), "utf8")), shortCircuit: true }
      : nextLoad(url, context),
});
