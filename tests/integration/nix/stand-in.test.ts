// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is Nix's interpolation that is meant
import { expect, test } from "@jest/globals";
import { describeWithNix, evaluate, evaluateFlake, standIn } from "./nix.ts";

/** What a host with these modules has at a path of its configuration, or what an expression makes of `config`. */
const configured = (modules: string, read: string): unknown =>
  evaluate(`
    let
      lib = import ${standIn}/lib;
      host = import ${standIn}/nixos { modules = [ { nixpkgs.hostPlatform = "x86_64-linux"; } ${modules} ]; };
      inherit (host) config pkgs;
    in ${read}`);

/** A module of that file name. */
const module = (file: string, definitions: string) => `{ _file = "${file}"; config = { ${definitions} }; }`;

describeWithNix("modules", () => {
  test("have the value of the highest priority", () => {
    const cases: ReadonlyArray<[ReadonlyArray<string>, string]> = [
      [['lib.mkDefault "a"', '"b"'], "b"],
      [['"a"', 'lib.mkForce "b"'], "b"],
      [['lib.mkOverride 40 "a"', 'lib.mkForce "b"'], "a"],
      [['"a"', 'lib.mkIf false "b"'], "a"],
      [['lib.mkIf true "a"', 'lib.mkDefault "b"'], "a"],
      [['lib.mkMerge [ (lib.mkIf false "a") (lib.mkDefault "b") ]', 'lib.mkOverride 999 "c"'], "c"],
      [['"a"', '"a"'], "a"],
    ];
    const options = cases.map(([definitions], n) =>
      definitions.map((text) => `{ environment.sessionVariables.v${n} = ${text}; }`).join(" "),
    );
    expect(configured(options.join(" "), "builtins.attrValues config.environment.sessionVariables")).toEqual(
      cases.map(([, expected]) => expected),
    );
  });

  test("cannot say two things of the same priority", () => {
    const modules = `${module("a.nix", 'networking.hostName = "a";')} ${module("b.nix", 'networking.hostName = "b";')}`;
    expect(() => configured(modules, "config.networking.hostName")).toThrow(
      /The option `networking.hostName' has conflicting definition values:\s+- In `b.nix': "b"\s+- In `a.nix': "a"/,
    );
  });

  test("hand priorities and conditions of a set down to its options", () => {
    const modules = `
      { networking = lib.mkForce { hostName = "forced"; }; }
      { networking = lib.mkIf true { hostName = "a"; extraHosts = lib.mkIf false "b"; }; }`;
    expect(configured(modules, "{ inherit (config.networking) hostName extraHosts; }")).toEqual({
      hostName: "forced",
      extraHosts: "",
    });
  });

  test("join lists and lines in their order", () => {
    const modules = `
      { networking.extraHosts = lib.mkAfter "z"; boot.kernelModules = lib.mkOrder 600 [ "b" ]; }
      { networking.extraHosts = "m"; boot.kernelModules = lib.mkBefore [ "a" ]; }
      { networking.extraHosts = lib.mkBefore "a"; boot.kernelModules = [ "c" ]; }`;
    expect(configured(modules, "[ config.networking.extraHosts config.boot.kernelModules ]")).toEqual([
      "a\nm\nz",
      ["a", "b", "c"],
    ]);
  });

  test("join sets, free forms and keys of systemd attribute by attribute", () => {
    const modules = `
      { services.nats.settings = { cluster.name = "a"; debug = lib.mkDefault true; routes = [ "x" ]; }; }
      { services.nats.settings = { cluster.port = 1; debug = false; routes = [ "y" ]; }; }
      { systemd.services.web.serviceConfig = { ExecStartPre = [ "a" ]; User = "x"; }; }
      { systemd.services.web.serviceConfig = { ExecStartPre = "b"; User = lib.mkForce "y"; Nice = lib.mkIf false 1; }; }`;
    expect(configured(modules, "[ config.services.nats.settings config.systemd.services.web.serviceConfig ]")).toEqual([
      { cluster: { name: "a", port: 1 }, debug: false, routes: expect.arrayContaining(["x", "y"]) },
      { ExecStartPre: ["a", "b"], User: "y" },
    ]);
  });

  test("of a free form with options of its own check those", () => {
    const settings = (text: string) =>
      configured(`{ services.postgresql.settings = ${text}; }`, "config.services.postgresql.settings");
    expect(settings('{ port = 5433; work_mem = "4MB"; }')).toEqual({ port: 5433, work_mem: "4MB" });
    expect(() => settings("{ port = 99999; }")).toThrow("`services.postgresql.settings.port' is not of type");
  });

  test("may set only what NixOS has, and are told where they do not", () => {
    expect(() => configured(module("host.nix", "services.nats.openFirewall = true;"), "config.networking")).toThrow(
      /The option `services.nats.openFirewall' does not exist. Definition values:\s+- In `host.nix': true/,
    );
    expect(() => configured('{ systemd.services.web.afters = [ "x" ]; }', "config.systemd.services.web.after")).toThrow(
      "The option `systemd.services.web.afters' does not exist",
    );
    expect(() => configured("{ services.promtail.enable = true; }", "config.networking")).toThrow(
      "The option `services.promtail' does not exist",
    );
  });

  test("read options that have no value at their peril", () => {
    expect(() => configured("", "config.services.patroni.scope")).toThrow(
      "The option `services.patroni.scope' was accessed but has no value defined",
    );
  });

  test("take arguments from each other, from their caller and of their own configuration", () => {
    const modules = `
      ({ config, name, ... }: { networking.hostName = "\${name}-\${config.networking.domain}"; })
      ({ ... }: { _module.args.name = "web"; networking.domain = "example"; })`;
    expect(configured(modules, "config.networking.hostName")).toBe("web-example");
    expect(() =>
      configured("({ nobody, ... }: { networking.hostName = nobody; })", "config.networking.hostName"),
    ).toThrow("asks for the argument `nobody'");
  });

  test("declare options themselves, with submodules", () => {
    const modules = `
      ({ lib, config, ... }: {
        options.shops = lib.mkOption {
          type = lib.types.attrsOf (lib.types.submodule ({ name, ... }: {
            options.port = lib.mkOption { type = lib.types.port; };
            options.title = lib.mkOption { type = lib.types.str; default = "shop \${name}"; };
          }));
        };
        config.networking.firewall.allowedTCPPorts = lib.mapAttrsToList (_: shop: shop.port) config.shops;
      })
      { shops.a.port = 1; } { shops.b = { port = 2; title = "b"; }; }`;
    expect(configured(modules, "[ config.shops config.networking.firewall.allowedTCPPorts ]")).toEqual([
      { a: { port: 1, title: "shop a" }, b: { port: 2, title: "b" } },
      [1, 2],
    ]);
    expect(() => configured(`${modules} { shops.c.ports = 3; }`, "config.shops.c.port")).toThrow(
      "The option `shops.c.ports' does not exist",
    );
  });

  test("are imported once each: paths, functions and sets, by modules that are imported themselves", () => {
    const files = {
      "flake.nix": `{
        inputs.nixpkgs.url = "github:NixOS/nixpkgs";
        outputs = { nixpkgs, ... }: {
          nixosConfigurations.a = nixpkgs.lib.nixosSystem {
            specialArgs.extra = "special";
            modules = [ ./a.nix ./modules/shared.nix { imports = [ ./a.nix ]; } ];
          };
        };
      }`,
      "a.nix":
        '{ lib, ... }: { imports = [ ./modules/shared.nix (import ./modules/made.nix { inherit lib; }) ]; nixpkgs.hostPlatform = "x86_64-linux"; }',
      "modules/shared.nix": "{ extra, ... }: { boot.kernelModules = [ extra ]; }",
      "modules/made.nix": '{ lib }: { imports = [ ({ ... }: { boot.kernelModules = lib.mkAfter [ "made" ]; }) ]; }',
    };
    expect(evaluateFlake(files, "nixosConfigurations.a.config.boot.kernelModules")).toEqual(["special", "made"]);
  });
});

describeWithNix("the types of options", () => {
  test.each([
    ["networking.firewall.allowedTCPPorts", "[ 65536 ]", "16 bit unsigned integer"],
    ["networking.firewall.allowedTCPPorts", "22", "list of 16 bit unsigned integer"],
    ["networking.hostName", '"a b"', "string matching the pattern"],
    ["networking.firewall.enable", '"yes"', "boolean"],
    ["networking.firewall.checkReversePath", '"never"', 'boolean or one of "strict", "loose"'],
    ["systemd.services.web.after", '[ "network" ]', "string matching the pattern"],
    ["systemd.services.web.description", '"a\\nb"', "single-line string"],
    ["systemd.services.web.environment", "{ A = 1; }", "null or string or absolute path or package"],
    ["services.postgresqlBackup.compression", '"xz"', 'one of "none", "gzip", "zstd"'],
    ["services.postgresql.package", '"postgresql"', "package"],
    ["services.nats.settings", "{ f = x: x; }", "JSON value"],
    ["services.redis.servers.a.save", '[ [ "1" ] ]', "signed integer"],
    ["environment.etc.a.source", '"relative"', "absolute path"],
  ])("refuse for %s the value %s", (option, value, type) => {
    const mistake = `{ fileSystems."/" = { device = "x"; fsType = "ext4"; }; boot.loader.grub.device = "nodev"; }
      { ${option} = ${value}; }`;
    expect(() => configured(mistake, "config.system.build.toplevel.drvPath")).toThrow(
      new RegExp(`is not of type \`[^']*${type.replaceAll(/[[\](){}.*+?]/g, "\\$&")}`),
    );
  });

  test("are all read from their descriptions, but for these", () => {
    const unknown = evaluate(`
      let
        lib = import ${standIn}/lib;
        inherit (import ${standIn}/nixos/type-descriptions.nix { }) typeOf;
        descriptions = node:
          if builtins.isString node then [ node ]
          else lib.optional (node ? "") node."" ++ lib.concatMap descriptions (lib.attrValues (removeAttrs node [ "" ]));
        all = lib.unique (descriptions (lib.importJSON ${standIn}/options.json));
        isKnown = description:
          let type = typeOf { path = ""; tree = { }; } description;
          in builtins.all (value: (builtins.tryEval (builtins.seq (type.check value) true)).success)
            [ null true 1 1.5 "a" "/a" [ ] { } ];
      in builtins.filter (description: !(isKnown description)) all`);
    expect(unknown).toEqual([
      "Toplevel NixOS config",
      "Network prefix in CIDR notation",
      "null or absolute path or PKCS#11 URI",
      "An evaluation of Nixpkgs; the top level attribute set of packages",
      expect.stringMatching(/^unbound.conf/),
    ]);
  });

  test("that nobody knows are an error where they are set", () => {
    expect(() => configured("{ nixpkgs.pkgs = { }; }", "config.nixpkgs.pkgs")).toThrow("knows no type");
  });
});

describeWithNix("the packages", () => {
  test("are those that are listed", () => {
    expect(configured("", "[ pkgs.redis.version pkgs.python3Packages.black.pname (lib.getExe pkgs.hello) ]")).toEqual([
      expect.stringMatching(/^\d+\.\d+/),
      "black",
      expect.stringMatching(/-hello-[^/]*\/bin\/hello$/),
    ]);
    expect(() => configured("{ environment.systemPackages = [ pkgs.helo ]; }", "pkgs.helo")).toThrow(
      "attribute 'helo' missing",
    );
  });

  test("with an unfree licence take a permission", () => {
    expect(() => configured("", "pkgs.mongodb.outPath")).toThrow("has an unfree license (‘sspl’)");
    const allowed = '{ nixpkgs.config.allowUnfreePredicate = package: lib.getName package == "mongodb"; }';
    expect(configured(allowed, "pkgs.mongodb.outPath")).toMatch("-mongodb-");
  });

  test("follow overlays", () => {
    const modules = "{ nixpkgs.overlays = [ (final: prev: { mine = final.hello; hello = prev.curl; }) ]; }";
    expect(configured(modules, "pkgs.mine.pname")).toBe("curl");
  });
});

/** Expressions of the library, and what nixpkgs' makes of them. */
const library: ReadonlyArray<[string, unknown]> = [
  ['lib.removePrefix "a" (lib.removeSuffix "c" "abc")', "b"],
  [
    '[ (lib.hasPrefix "ab" "abc") (lib.hasSuffix "bc" "abc") (lib.hasSuffix "abcd" "abc") (lib.hasInfix "b." "ab.c") ]',
    [true, true, false, true],
  ],
  ['lib.splitString "." "a..b"', ["a", "", "b"]],
  ['lib.concatMapStringsSep "," (x: x + x) [ "a" "b" ]', "aa,bb"],
  ['lib.escapeShellArgs [ "a" "it\'s" "" "$x" ]', `a 'it'\\''s' '' '$x'`],
  ['[ (lib.toUpper "aé1") (lib.toLower "AÉ1") (lib.trim "  a b\n") ]', ["Aé1", "aÉ1", "a b"]],
  ["lib.recursiveUpdate { a.b = 1; a.c = 2; d = 3; } { a.c = 4; d.e = 5; }", { a: { b: 1, c: 4 }, d: { e: 5 } }],
  ['lib.mapAttrs\' (n: v: lib.nameValuePair "${n}x" v) (lib.filterAttrs (_: v: v > 1) { a = 1; b = 2; })', { bx: 2 }],
  ['lib.attrByPath [ "a" "b" ] 0 { a.c = 1; }', 0],
  ["lib.unique (lib.flatten [ 1 [ 2 [ 1 ] ] (lib.range 2 3) ])", [1, 2, 3]],
  ["lib.foldr (x: r: [ x ] ++ r) [ ] [ 1 2 3 ]", [1, 2, 3]],
  ["[ (lib.take 5 [ 1 ]) (lib.drop 1 [ 1 2 ]) (lib.last [ 1 2 ]) (lib.reverseList [ 1 2 ]) ]", [[1], [2], 2, [2, 1]]],
  ["lib.imap1 (n: x: n * x) [ 5 6 ]", [5, 12]],
  [
    '[ (lib.versionAtLeast "16.11" "16.4") (lib.versionOlder "8" "7.2") (lib.versions.majorMinor "1.2.3") ]',
    [true, false, "1.2"],
  ],
  ["lib.pipe 2 [ (x: x + 1) toString ]", "3"],
  [
    '[ (lib.toInt "007") (lib.boolToString true) (lib.optionalString false "a") (lib.fixedWidthNumber 3 7) ]',
    [7, "true", "", "007"],
  ],
  ['lib.generators.toINI { } { s = { a = 1; b = true; }; t.c = "d"; }', "[s]\na=1\nb=true\n\n[t]\nc=d\n"],
  ["lib.generators.toKeyValue { listsAsDuplicateKeys = true; } { a = [ 1 2 ]; }", "a=1\na=2\n"],
  [
    "lib.cartesianProduct { a = [ 1 2 ]; b = [ 3 ]; }",
    [
      { a: 1, b: 3 },
      { a: 2, b: 3 },
    ],
  ],
  ['lib.escapeSystemdExecArgs [ "50%" "$x" ]', '"50%%" "$$x"'],
];

describeWithNix("the library", () => {
  test("does what nixpkgs' does", () => {
    const all = library.map(([expression]) => `(${expression})`).join("\n");
    expect(evaluate(`let lib = import ${standIn}/lib; in [ ${all} ]`)).toEqual(library.map(([, expected]) => expected));
  });
});

describeWithNix("a system that is not in order", () => {
  test("says every assertion that failed", () => {
    const modules = `{ users.users.web.isSystemUser = true; assertions = [ { assertion = false; message = "mine"; } ]; }`;
    const build = () => configured(modules, "config.system.build.toplevel.drvPath");
    expect(build).toThrow("The ‘fileSystems’ option does not specify your root file system.");
    expect(build).toThrow("users.users.web.group is unset");
    expect(build).toThrow("- mine");
  });

  test("is noticed although nobody reads the option", () => {
    const modules = `
      { fileSystems."/" = { device = "x"; fsType = "ext4"; }; boot.loader.grub.device = "nodev"; }
      { services.nginx.virtualHosts.a.locations."/".proxyPass = throw "never read"; }`;
    expect(() => configured(modules, "config.system.build.toplevel.drvPath")).toThrow("never read");
  });
});
