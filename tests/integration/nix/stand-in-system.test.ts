import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { buildFlake, buildToplevel, describeWithNix, type Files } from "./nix.ts";

/** A flake of one host with these definitions. */
const flake = (definitions: string): Files => ({
  "flake.nix": `{
    inputs.nixpkgs.url = "github:NixOS/nixpkgs";
    inputs.deploy-rs.url = "github:serokell/deploy-rs";
    inputs.deploy-rs.inputs.nixpkgs.follows = "nixpkgs";
    outputs = { self, nixpkgs, deploy-rs, ... }: {
      nixosConfigurations.web = nixpkgs.lib.nixosSystem { modules = [ ./host.nix ]; };
      deploy.nodes.web = {
        hostname = "web";
        profiles.system.path = deploy-rs.lib.x86_64-linux.activate.nixos self.nixosConfigurations.web;
      };
      checks = nixpkgs.lib.mapAttrs (_: lib: lib.deployChecks self.deploy) deploy-rs.lib;
    };
  }`,
  "host.nix": `{ lib, pkgs, config, ... }: {
    nixpkgs.hostPlatform = "x86_64-linux";
    fileSystems."/" = { device = "/dev/vda1"; fsType = "ext4"; };
    boot.loader.grub.device = "/dev/vda";
    networking.hostName = "web";
    ${definitions}
  }`,
});

/** The text of a file of a system. */
const text = (system: string, file: string): string => readFileSync(join(system, file), "utf8");

describeWithNix("a system that is built", () => {
  let system = "";
  beforeAll(() => {
    system = buildToplevel(
      flake(`
        environment.systemPackages = [ pkgs.curl (pkgs.writeShellScriptBin "greet" "echo hello") ];
        environment.etc."app/settings.json".text = builtins.toJSON { a = 1; };
        environment.etc."app/secret" = { text = "x"; mode = "0600"; };
        networking.hosts."10.0.0.2" = [ "db" "bus" ];
        networking.nftables.enable = true;
        networking.firewall = {
          allowedTCPPorts = [ 443 ];
          allowedUDPPorts = [ 53 ];
          extraInputRules = "ip saddr 10.0.0.9 tcp dport 5432 accept\\n";
        };
        networking.nftables.tables.extra = { family = "inet"; content = "chain c { }\\n"; };
        services.openssh = { enable = true; ports = [ 2222 ]; };
        users.users.web = { isSystemUser = true; group = "web"; };
        users.groups.web = { };
        systemd.tmpfiles.rules = [ "d /var/lib/web 0755 web web -" ];
        systemd.tmpfiles.settings.web."/srv".d = { mode = "0700"; user = "web"; };
        systemd.services.web = {
          description = "The web";
          wantedBy = [ "multi-user.target" ];
          after = [ "network-online.target" ];
          wants = [ "network-online.target" ];
          environment.GREETING = "a \\"b\\" \\\\ é\\n";
          path = [ pkgs.curl ];
          serviceConfig.ExecStart = "\${pkgs.coreutils}/bin/sleep infinity";
          preStart = "echo before";
          startLimitIntervalSec = 0;
        };
        systemd.services.backup = { script = "true"; startAt = [ "02:00" "14:00" ]; restartIfChanged = false; };
        systemd.services.postgresql.serviceConfig.MemoryMax = "1G";
        systemd.sockets.web = { wantedBy = [ "sockets.target" ]; listenStreams = [ "8080" ]; };
        systemd.targets.all = { wants = [ "web.service" ]; requiredBy = [ "multi-user.target" ]; };
        systemd.mounts = [ { what = "/dev/vdb"; where = "/var/lib/big-data"; type = "ext4"; } ];`),
      "web",
    );
  });

  const masked = (file: string): string =>
    text(system, file).replaceAll(/[^"\s:=]*\/store\/[a-z0-9]{32}-([a-z-]+)[^/\s]*/g, "<$1>");

  const unit = (name: string): string => masked(`etc/systemd/system/${name}`);

  test("has a unit for each that the configuration defines", () => {
    expect(unit("web.service")).toBe(`[Unit]
After=network-online.target
Description=The web
StartLimitIntervalSec=0
Wants=network-online.target

[Service]
Environment="GREETING=a \\"b\\" \\\\ é\\n"
Environment="PATH=${["bin", "sbin"]
      .flatMap((folder) =>
        ["curl-", "coreutils-", "findutils-", "gnugrep-", "gnused-", "systemd-"].map((name) => `<${name}>/${folder}`),
      )
      .join(":")}"
ExecStart=<coreutils->/bin/sleep infinity
ExecStartPre=<web-pre-start>/bin/web-pre-start

[Install]
WantedBy=multi-user.target
`);
    expect(unit("backup.timer")).toContain("[Timer]\nOnCalendar=02:00\nOnCalendar=14:00\n");
    expect(unit("backup.service")).toContain("X-RestartIfChanged=false\nExecStart=<backup-start>/bin/backup-start \n");
    expect(unit("web.socket")).toContain("[Socket]\nListenStream=8080\n");
    expect(unit("all.target")).toBe("[Unit]\nWants=web.service\n");
    expect(unit("var-lib-big\\x2ddata.mount")).toContain(
      "[Mount]\nType=ext4\nWhat=/dev/vdb\nWhere=/var/lib/big-data\n",
    );
  });

  test("adds to the units of NixOS' own modules, which are not there, in parts", () => {
    expect(unit("postgresql.service.d/overrides.conf")).toContain("MemoryMax=1G\n");
    expect(readdirSync(join(system, "etc/systemd/system"))).not.toContain("postgresql.service");
  });

  test("links its units to what wants them", () => {
    const links = (folder: string) => readdirSync(join(system, "etc/systemd/system", folder)).sort();
    expect(links("multi-user.target.wants")).toEqual(["nftables.service", "web.service"]);
    expect(links("multi-user.target.requires")).toEqual(["all.target"]);
    expect(links("timers.target.wants")).toEqual(["backup.timer"]);
    expect(links("sockets.target.wants")).toEqual(["web.socket"]);
  });

  test("has units that systemd takes", () => {
    const { status, stderr } = spawnSync(
      "systemd-analyze",
      ["verify", join(system, "etc/systemd/system/web.service")],
      {
        encoding: "utf8",
      },
    );
    if (status === null) return console.warn("systemd-analyze is not installed");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  test("has the files of /etc", () => {
    expect(JSON.parse(text(system, "etc/app/settings.json"))).toEqual({ a: 1 });
    expect(text(system, "etc/hosts")).toContain("10.0.0.2 db bus\n");
    expect(text(system, "etc/hostname")).toBe("web\n");
    expect(text(system, "etc/sysusers.d/nixos.conf")).toMatch(/^g web -\n(?:.*\n)*u web -:web - \/var\/empty$/m);
    expect(text(system, "etc/tmpfiles.d/00-nixos.conf")).toBe("d /var/lib/web 0755 web web -\n");
    expect(text(system, "etc/tmpfiles.d/web.conf")).toBe("d /srv 0700 web - - \n");
    expect(text(system, "sshd_config")).toContain("Port 2222\n");
  });

  test("has the firewall as a ruleset of nftables", () => {
    const rules = text(system, "nftables.nft");
    expect(rules).toContain("type filter hook input priority filter; policy drop;");
    expect(rules).toContain("tcp dport { 443, 2222 } accept\n    udp dport { 53 } accept\n");
    expect(rules).toContain("    ip saddr 10.0.0.9 tcp dport 5432 accept\n}\n");
    expect(rules).toContain("table inet extra {\nchain c { }\n}\n");
  });

  test("has the programs of the system's profile", () => {
    expect(execFileSync(join(system, "sw/bin/greet"), { encoding: "utf8" })).toBe("hello\n");
    expect(readlinkSync(join(system, "sw/bin/curl"))).toContain("-curl-");
  });
});

describeWithNix("scripts and checks that are built", () => {
  test("are refused where the shell cannot read them", () => {
    const broken = flake(
      'environment.systemPackages = [ (pkgs.writeShellApplication { name = "broken"; text = "if"; }) ];',
    );
    expect(() => buildToplevel(broken, "web")).toThrow(/syntax error/);
  });

  test("are made of the programs that they say", () => {
    const files = flake(`environment.systemPackages = [
      (pkgs.writeShellApplication {
        name = "greet";
        runtimeInputs = [ (pkgs.writeShellScriptBin "name" "echo there") ];
        text = ''echo "hello $(name)"'';
      })
    ];`);
    expect(execFileSync(join(buildToplevel(files, "web"), "sw/bin/greet"), { encoding: "utf8" })).toBe("hello there\n");
  });

  test("put a secret into a file as it is", () => {
    const files = flake("environment.systemPackages = [ pkgs.replace-secret ];");
    const folder = mkdtempSync(join(tmpdir(), "cim-secret-"));
    writeFileSync(join(folder, "secret"), "a&b\\1\n");
    writeFileSync(join(folder, "target"), "password: @HERE@\nagain: @HERE@\n");
    const program = join(buildToplevel(files, "web"), "sw/bin/replace-secret");
    execFileSync(program, ["@HERE@", join(folder, "secret"), join(folder, "target")]);
    expect(text(folder, "target")).toBe("password: a&b\\1\nagain: a&b\\1\n");
    rmSync(folder, { recursive: true });
  });

  test("write data in the formats of configuration files", () => {
    const files = flake(`environment.etc = {
      "a.json".source = (pkgs.formats.json { }).generate "a.json" { a = [ 1 "é" ]; };
      "a.toml".source = (pkgs.formats.toml { }).generate "a.toml" { a = { b = [ 1 true ]; "c d" = "x\\"y"; }; };
      "a.ini".source = (pkgs.formats.ini { }).generate "a.ini" { s.k = 1; };
    };`);
    const system = buildToplevel(files, "web");
    expect(text(system, "etc/a.json")).toBe('{"a":[1,"é"]}');
    expect(text(system, "etc/a.toml")).toBe('a = { b = [ 1, true ], "c d" = "x\\"y" }\n');
    expect(text(system, "etc/a.ini")).toBe("[s]\nk=1\n");
  });

  test("of deploy-rs pass, and its profile activates the system", () => {
    buildFlake(flake(""), "checks.x86_64-linux.deploy-activate");
    buildFlake(flake(""), "checks.x86_64-linux.deploy-schema");
    const profile = buildFlake(flake(""), "deploy.nodes.web.profiles.system.path");
    const mistaken = { ...flake(""), "flake.nix": (flake("")["flake.nix"] ?? "").replace("hostname =", "hostName =") };
    expect(() => buildFlake(mistaken, "checks.x86_64-linux.deploy-schema")).toThrow("web: hostname is missing");
    expect(text(profile, "deploy-rs-activate")).toContain("$PROFILE/bin/switch-to-configuration switch");
  });
});

describeWithNix("switch-to-configuration", () => {
  const service = (name: string, command: string, more = "") =>
    `systemd.services.${name} = { wantedBy = [ "multi-user.target" ]; serviceConfig.ExecStart = "/bin/${command}"; ${more} };`;
  let before = "";
  let after = "";
  beforeAll(() => {
    before = buildToplevel(
      flake(`${service("same", "a")} ${service("gone", "a")} ${service("changed", "a")} ${service("kept", "a")}
        ${service("reloaded", "a")} ${service("restarted", "a")} environment.etc."old/file".text = "old";`),
      "web",
    );
    after = buildToplevel(
      flake(`${service("same", "a")} ${service("changed", "b")} ${service("new", "a")}
        ${service("kept", "b", "restartIfChanged = false;")} ${service("reloaded", "b", "reloadIfChanged = true;")}
        ${service("restarted", "b", "stopIfChanged = false;")} environment.etc."new/file".text = "new";
        environment.etc.secret = { text = "x"; mode = "0600"; user = "+${process.getuid?.()}"; group = "+${process.getgid?.()}"; };`),
      "web",
    );
  });

  /** A machine: its files, and programs that write down how they are called. */
  let machine = "";
  beforeEach(() => {
    machine = mkdtempSync(join(tmpdir(), "cim-machine-"));
    mkdirSync(join(machine, "etc"));
    program(
      "systemctl",
      `case "$*" in
      show*) echo 1 ;;
      *--state=active*) cat "$MACHINE/active" ;;
      *--state=failed*) cat "$MACHINE/failed" ;;
      *) echo "$*" >> "$MACHINE/calls" ;;
    esac`,
    );
    for (const name of ["systemd-sysusers", "systemd-tmpfiles"]) program(name, `echo ${name} >> "$MACHINE/calls"`);
    for (const name of ["calls", "failed"]) writeFileSync(join(machine, name), "");
    writeFileSync(
      join(machine, "active"),
      ["same", "gone", "changed", "kept", "reloaded", "restarted"]
        .map((name) => `${name}.service loaded active running\n`)
        .join(""),
    );
  });
  afterEach(() => rmSync(machine, { recursive: true, force: true }));

  const program = (name: string, script: string): void => {
    const file = join(machine, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  };

  const run = (system: string, action: string) => {
    const { status, stderr } = spawnSync(join(system, "bin/switch-to-configuration"), [action], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${machine}:${process.env.PATH}`, SWITCH_ROOT: machine, MACHINE: machine },
    });
    return {
      status,
      said: stderr.trim().split("\n"),
      calls: readFileSync(join(machine, "calls"), "utf8").trim().split("\n"),
    };
  };

  const link = (path: string): string => readlinkSync(join(machine, path));

  test("says what a dry activation would change, and changes nothing", () => {
    run(before, "test");
    const { status, said } = run(after, "dry-activate");
    expect(said).toEqual([
      "would stop the following units: changed.service, gone.service",
      "would NOT restart the following changed units: kept.service",
      "would activate the configuration...",
      "would reload the following units: reloaded.service",
      "would restart the following units: restarted.service",
      "would start the following units: changed.service, new.service",
    ]);
    expect(status).toBe(0);
    expect(link("run/current-system")).toBe(before);
  });

  test("stops what is gone, restarts what changed, starts what is new", () => {
    run(before, "switch");
    writeFileSync(join(machine, "calls"), "");
    expect(run(after, "switch")).toMatchObject({
      status: 0,
      calls: [
        expect.stringMatching(/^stop -- (?=.*changed.service)(?=.*gone.service)/),
        "systemd-sysusers",
        "reset-failed",
        "daemon-reload",
        "systemd-tmpfiles",
        "reload -- reloaded.service",
        "restart -- restarted.service",
        expect.stringMatching(/^start -- (?=.*changed.service)(?=.*new.service)/),
      ],
    });
    expect(link("run/current-system")).toBe(after);
    expect(link("nix/var/nix/gcroots/boot-system")).toBe(after);
    const loaded = readdirSync(join(machine, "run/systemd/system"));
    expect(loaded).toContain("new.service");
    expect(loaded).not.toContain("gone.service");
    expect(link("run/systemd/system/new.service")).toBe(`${after}/etc/systemd/system/new.service`);
  });

  test("links the files of /etc, copies those with a mode, and removes the old ones", () => {
    run(before, "test");
    expect(link("etc/old/file")).toBe("/etc/static/old/file");
    run(after, "test");
    expect(link("etc/static")).toBe(`${after}/etc`);
    expect(link("etc/new/file")).toBe("/etc/static/new/file");
    expect(readdirSync(join(machine, "etc/old"))).toEqual([]);
    expect(statSync(join(machine, "etc/secret")).mode & 0o777).toBe(0o600);
  });

  test("keeps `test` from the boot, and `boot` from what runs", () => {
    run(before, "switch");
    run(after, "test");
    expect(link("nix/var/nix/gcroots/boot-system")).toBe(before);
    run(before, "test");
    run(after, "boot");
    expect(link("nix/var/nix/gcroots/boot-system")).toBe(after);
    expect(link("run/current-system")).toBe(before);
  });

  test("exits with 4 where a unit failed, with 2 where the activation did, with 1 where it is called wrongly", () => {
    writeFileSync(join(machine, "failed"), "new.service loaded failed failed new\n");
    const failed = run(after, "test");
    expect(failed.status).toBe(4);
    expect(failed.said).toContain("warning: the following units failed: new.service");
    writeFileSync(join(machine, "failed"), "");
    program("systemd-sysusers", "exit 1");
    expect(run(after, "test").status).toBe(2);
    expect(run(after, "now").status).toBe(1);
  });
});
