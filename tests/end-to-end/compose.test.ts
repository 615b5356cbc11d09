import { execFile, spawnSync } from "node:child_process";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { Effect } from "effect";
import { findServerBinary } from "../../src/infrastructure/nats/embedded-server/binary.ts";
import { describeWithContainers } from "../support/containers/describe.ts";
import { freePort } from "../support/nats.ts";
import { soon } from "../support/soon.ts";
import { cim as run } from "./cli/cim.ts";

/*
 * docker-compose.yml as it is, with other images: those of a registry may be out of reach. These have nothing of their own
 * but names of users; the programs are the ones of this machine.
 */

const execute = promisify(execFile);
const project = resolve(import.meta.dirname, "../..");
const image = "cim-leaf-test/machine:local";
const minute = 60_000;

const override = (folder: string): string => `services:
  prepare: &ours
    image: ${image}
    volumes: &machine
      - /usr:/usr:ro
      - ${folder}/bin:/stand-in:ro
      - ${project}:/app:ro
      - ${project}/node_modules:/app/node_modules:ro
    environment: { PATH: "/stand-in:/usr/bin:/bin", HOME: /root }
  nats:
    image: ${image}
    entrypoint: [/stand-in/nats-server]
    volumes: *machine
  backend: *ours
`;

const composing = spawnSync("docker-compose", ["version"]).status === 0;
if (!composing)
  console.warn("skipped the test of docker-compose.yml: apt-get install docker-compose brings the program");

(composing ? describeWithContainers : describe.skip)("docker compose", () => {
  let folder = "";
  let env: NodeJS.ProcessEnv = {};
  const compose = async (...args: ReadonlyArray<string>) => {
    const files = [
      "--project-directory",
      project,
      "-f",
      join(project, "docker-compose.yml"),
      "-f",
      join(folder, "override.yml"),
    ];
    const all = ["--project-name", `cim-${basename(folder).toLowerCase()}`, ...files, ...args];
    return (await execute("docker-compose", all, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cim-compose-"));
    await mkdir(join(folder, "bin"));
    await copyFile(await Effect.runPromise(findServerBinary({})), join(folder, "bin/nats-server"));
    await writeFile(join(folder, "bin/npm"), "#!/bin/sh\n");
    await chmod(join(folder, "bin/npm"), 0o755);
    await mkdir(join(folder, "image/etc"), { recursive: true });
    for (const name of ["bin", "lib", "lib64", "sbin"]) await symlink(`usr/${name}`, join(folder, "image", name));
    for (const name of ["tmp", "root"]) await mkdir(join(folder, "image", name));
    await writeFile(join(folder, "image/etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    await writeFile(join(folder, "image/Dockerfile"), "FROM scratch\nCOPY . /\n");
    await execute("docker", ["build", "--quiet", "--tag", image, join(folder, "image")]);
    await writeFile(join(folder, "override.yml"), override(folder));
    env = { ...process.env, CIM_NATS_PORT: String(await freePort()), CIM_HTTP_PORT: String(await freePort()) };
    await compose("up", "--detach", "--no-build").catch(async (error: unknown) => {
      throw new Error(`${error}\n${await compose("logs", "--tail", "20")}`);
    });
  }, 10 * minute);
  afterAll(async () => {
    await compose("down", "--volumes", "--timeout", "20").catch(() => {});
    await rm(folder, { recursive: true, force: true });
  }, 5 * minute);

  const cim = (...args: ReadonlyArray<string>) => compose("exec", "-T", "backend", "./bin/cim", ...args);

  test(
    "runs an installation that is closed, and deploys to simulated hosts",
    async () => {
      await soon(async () => void (await cim("status")));
      const timing = ["--discussion-seconds", "5", "--voting-seconds", "30", "--monitor-seconds", "1"];
      const deployed = await cim("deploy", "examples/five-services.json", "--json", ...timing);
      expect(JSON.parse(deployed.trim().split("\n").at(-1) ?? "")).toMatchObject({ ok: true });
      expect(await compose("exec", "-T", "backend", "find", "/keys", "-name", "*.nk", "!", "-perm", "600")).toBe("");
    },
    10 * minute,
  );

  test(
    "lets in from this machine who has credentials, and nobody else",
    async () => {
      const file = async (name: string) => {
        const path = join(folder, basename(name));
        await writeFile(path, await compose("exec", "-T", "backend", "cat", `/keys/cim/${name}`), { mode: 0o600 });
        return path;
      };
      const access = { CIM_NATS: `nats://localhost:${env.CIM_NATS_PORT}`, CIM_CA: await file("tls/ca.pem") };
      expect((await run(["status"], { env: access })).stderr).toContain("refused the connection");
      const credentials = await file("creds/operator.creds");
      expect(await run(["deployments", "list"], { env: { ...access, CIM_CREDENTIALS: credentials } })).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("succeeded"),
      });
    },
    5 * minute,
  );
});
