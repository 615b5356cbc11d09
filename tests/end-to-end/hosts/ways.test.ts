import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { NixosHosts } from "../../../src/infrastructure/nixos/nixos-hosts.ts";
import { describeWithMachines } from "../../support/machines/describe.ts";
import { httpService } from "../../support/machines/programs.ts";
import { type Deployed, type Fleet, fleet, type GraphFile, hostNode } from "./fleet.ts";

const minute = 60_000;
const running = "readlink -f /run/current-system";
const succeeded = { code: 0, status: "succeeded", detail: undefined };

/** The systems here do not know the user: on NixOS it could not become root any more. */
const fromOps = ["--accept-removal", "solo:sudo:ops"];

/** A derivation that needs nothing. */
const unsigned = `derivation {
  name = "unsigned";
  system = builtins.currentSystem;
  builder = "/bin/sh";
  args = [ "-c" "echo unsigned >$out" ];
}`;

/** What was told of the steps of a host, in order: the lines of its programs, and that a step is done. */
const toldOf = ({ stdout }: Deployed): ReadonlyArray<string> =>
  stdout.split("\n").flatMap((line) => {
    const { kind, step, status, lines } = line === "" ? {} : JSON.parse(line);
    if (kind === "output") return lines.map((text: string) => `${step} | ${text}`);
    return kind === "host" ? [status] : [];
  });

describeWithMachines("a real host", () => {
  let all: Fleet;
  const run = (command: string) => all.machines.get("solo").run(command);

  /** A user who comes in with the key of root, and whom the host's nix lets in. */
  const addUser = (name: string) =>
    run(`useradd --create-home --shell /bin/bash --groups nix-users ${name}
      install -d -o ${name} -m 700 /home/${name}/.ssh
      install -o ${name} -m 600 /root/.ssh/authorized_keys /home/${name}/.ssh/`);
  const nix = async (program: string, ...args: ReadonlyArray<string>) =>
    (await promisify(execFile)(program, args, { env: all.machines.nixEnvironment() })).stdout.trim();
  const nixSetting = (line: string) =>
    run(`echo '${line}' >>/etc/nix/nix.conf; systemctl try-restart nix-daemon.service`);
  const leftovers = () =>
    run("ls -d /nix/var/nix/gcroots/cim-* 2>/dev/null; systemctl list-units --all --plain --no-legend 'cim-[abr]*'");

  /** A site with the files of `directory`, on the host as `user` reaches it. */
  const shop = (directory: string, user: string): GraphFile => ({
    id: "shop",
    nodes: [
      { ...hostNode(all.machines, "solo"), ssh: { user } },
      {
        ...httpService("site", 8080),
        public: false,
        args: ["-m", "http.server", "8080", "--directory", directory],
        healthCheck: { kind: "http", path: "/", intervalSeconds: 1, timeoutSeconds: 2, retries: 15 },
      },
    ],
    edges: [{ from: "site", to: "solo", type: "runs-on" }],
  });
  /** Deploys with a backend that was started with `args`. */
  const withBackend = async <T>(args: ReadonlyArray<string>, work: () => Promise<T>): Promise<T> => {
    const backend = await all.up(...args);
    try {
      return await work();
    } finally {
      await backend.kill();
    }
  };

  beforeAll(async () => {
    all = await fleet(["solo"]);
    await addUser("ops");
    await addUser("guest");
    await run("echo 'ops ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ops");
  }, 10 * minute);
  afterAll(() => all?.dispose(), minute);

  test(
    "builds its own system, for a user who may sudo without a password and for no other",
    () =>
      withBackend(["--build-on", "host"], async () => {
        const deployed = await all.deploy(shop("/etc", "ops"), ...fromOps);
        expect(deployed).toMatchObject(succeeded);
        const [{ closure = "" } = {}] = deployed.hosts;
        expect(await run(running)).toBe(closure);
        expect(existsSync(all.machines.filesOf(closure))).toBe(false);
        expect(await run("curl -fsS http://127.0.0.1:8080/os-release")).toContain("Debian");

        const told = toldOf(deployed);
        for (const [step, line] of [
          ["built", "building '/nix/store/"],
          ["activated", "activating the configuration"],
        ] as const) {
          const at = told.findIndex((text) => text.startsWith(`${step} | ${line}`));
          expect([step, at >= 0 && at < told.indexOf(step)]).toEqual([step, true]);
        }

        const before = await leftovers();
        const refused = await all.deploy(shop("/usr", "guest"));
        // It is reached as ops until guest confirms. What would leave guest without sudo is not even activated.
        expect(refused).toMatchObject({ code: 4, status: "rolled-back" });
        expect(refused.detail).toContain("guest could not become root without a password");
        expect(await run(running)).toBe(closure);
        expect([before, await leftovers()]).toEqual(["", ""]);
      }),
    3 * minute,
  );

  test(
    "that checks signatures takes what is signed by a key it trusts, and nothing else",
    () =>
      withBackend(["--check-signatures"], async () => {
        const before = await run(running);
        const refused = await all.deploy(shop("/var", "root"));
        expect(refused).toMatchObject({ code: 4, status: "rolled-back" });
        expect(refused.detail).toContain("solo takes signed paths only: sign what is built");
        expect(await run(running)).toBe(before);

        // As the message says.
        const [, closure = ""] = /--key-file KEY (\S+)`/.exec(refused.detail ?? "") ?? [];
        const secret = join(all.machines.folder, "secret");
        const open = join(all.machines.folder, "public");
        await nix("nix-store", "--generate-binary-cache-key", "lab-1", secret, open);
        await nix("nix", "store", "sign", "--recursive", "--key-file", secret, closure);
        await nixSetting(`trusted-public-keys = ${await readFile(open, "utf8")}`);
        // A signature is worth more than who brings it: nix need not trust this user.
        expect(await all.deploy(shop("/var", "ops"), "--insist", "it is signed now", ...fromOps)).toMatchObject(
          succeeded,
        );
        expect(await run(running)).toBe(closure);
      }),
    3 * minute,
  );

  test(
    "takes what is not signed from a user whom its nix trusts, and tells any other the remedy",
    async () => {
      // The operator runs nix and ssh in the environment of this process.
      Object.assign(process.env, all.machines.nixEnvironment());
      const hosts = await NixosHosts.open({
        folder: all.machines.folder,
        ssh: { arguments: [] },
        buildOn: "local",
        checkSignatures: false,
      });
      const target = { host: "solo", address: all.machines.get("solo").address, ssh: { user: "ops" } };
      const path = await nix("nix-build", "--no-out-link", "--expr", unsigned);
      const { signal } = new AbortController();
      await expect(hosts.bring(target, path, signal)).rejects.toThrow("nix on solo does not trust ops");
      await nixSetting("extra-trusted-users = ops");
      await hosts.bring(target, path, signal);
      expect(await run(`cat ${path}`)).toBe("unsigned");
    },
    minute,
  );
});
