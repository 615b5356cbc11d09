import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Result, Schema } from "effect";
import fc from "fast-check";
import { GraphDocument } from "../../../src/domain/graph/document.ts";
import { renderFlake } from "../../../src/domain/nix/mod.ts";
import { everything, graph, host, nats, postgresql, redis, service } from "../../unit/domain/nix/graphs.ts";
import { configurations } from "../../unit/domain/nix/rendering.ts";
import { describeWithNix, evaluate, parse } from "./nix.ts";

/** The little of nixpkgs that host modules call. Packages are their names, `version` aside. */
const nixpkgs = `
  rec {
    lib = {
      mkDefault = value: value;
      mkForce = value: value;
      throwIfNot = condition: message: value: if condition then value else throw message;
      hasPrefix = prefix: text: builtins.substring 0 (builtins.stringLength prefix) text == prefix;
    };
    named = name: { outPath = "<pkgs.\${name}>"; };
    versioned = name: version: named name // { inherit version; };
    pkgs = builtins.listToAttrs (map (name: { inherit name; value = named name; })
      [ "coreutils" "curl" "hello" "natscli" "openssl" "runtimeShell" ]) // {
      python3Packages.web = named "python3Packages.web";
      postgresql_16 = versioned "postgresql_16" "16.4";
      redis = versioned "redis" "8.2.1";
      writeText = name: text: "<\${name} \${text}>";
      writeShellApplication = { name, ... }: if name == "wait-until" then "<waitUntil>" else "<\${name}>";
    };
  }`;

const example = Schema.decodeUnknownSync(GraphDocument)(
  JSON.parse(readFileSync(new URL("../../../examples/five-services.json", import.meta.url), "utf8")),
);

const filesOf = (document: GraphDocument) => Result.getOrThrow(renderFlake(document)).files;

/** Evaluates host modules as Nix does, but for the paths of their imports. */
const evaluateHosts = (document: GraphDocument): unknown => {
  const modules = Object.entries(filesOf(document)).flatMap(([name, text]) => {
    const id = /^hosts\/(.+)\.nix$/.exec(name)?.[1];
    return id === undefined ? [] : [`${id} = removeAttrs ((${text}) { inherit (nixpkgs) lib pkgs; }) [ "imports" ];`];
  });
  return evaluate(`let nixpkgs = ${nixpkgs}; in { ${modules.join("\n")} }`);
};

describeWithNix("a generated flake, read by Nix", () => {
  test.each([
    ["the example", example],
    ["everything", everything],
  ])("of %s parses, every file of it", (_, document) => {
    const files = Object.entries(filesOf(document)).filter(([name]) => name.endsWith(".nix"));
    expect(files.length).toBeGreaterThan(1);
    for (const [, text] of files) parse(text);
  });

  test.each([
    ["the example", example],
    ["everything", everything],
  ])("of %s configures its hosts as specified", (_, document) => {
    const expected = Object.entries(configurations(document)).map(([id, { imports, ...configuration }]) => [
      id,
      configuration,
    ]);
    expect(evaluateHosts(document)).toEqual(Object.fromEntries(expected));
  });

  test("passes any text of a graph on exactly", () => {
    const texts = fc
      .sample(fc.string({ unit: "grapheme", minLength: 1 }), { numRuns: 500, seed: 5 })
      .map((text) => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "\t"));
    const environment = Object.fromEntries(texts.map((text, index) => [`TEXT_${index}`, text]));
    const document = graph([host("leaf-1"), service("web", { environment })]);
    // A doubled percent sign is how systemd writes one.
    const expected = Object.fromEntries(texts.map((text, index) => [`TEXT_${index}`, text.replaceAll("%", "%%")]));
    expect(evaluateHosts(document)).toMatchObject({
      "leaf-1": { systemd: { services: { web: { environment: expected } } } },
    });
  });

  test("parses, whatever is in the free text of a graph", () => {
    const text = fc
      .array(
        fc.constantFrom(
          "a",
          " ",
          "/",
          '"',
          "'",
          "''",
          "$",
          "\u0024{x}",
          "\\",
          "\n",
          "\r",
          "%",
          "#",
          "*/",
          ";",
          "}",
          "ü",
        ),
        {
          minLength: 1,
          maxLength: 6,
        },
      )
      .map((parts) => parts.join(""));
    const document = fc.tuple(text, text, text, text).map(([a, b, c, d]) => ({
      ...graph(
        [
          host("leaf-1", { imports: [a, `/${b}`], rootDevice: c, stateVersion: d, ssh: { user: a, identityFile: b } }),
          service("web", {
            command: `/${a}`,
            args: [b, c],
            environmentFiles: [`/${d.replaceAll(/[\r\n]/g, "")}`],
            port: 80,
            healthCheck: { kind: "http", path: b },
          }),
          service("check", { healthCheck: { kind: "exec", command: c } }),
          nats("bus", { leafRemotes: [{ url: "nats://hub", credentialsFile: `/${d}` }] }),
        ],
        { id: a, from: "web", to: "bus", type: "connects-to", protocol: b },
        { from: "web", to: "bus", type: "publishes-to", topic: c },
      ),
      description: d,
    }));
    const files = fc.sample(document, { numRuns: 200, seed: 6 }).flatMap((sample) => Object.entries(filesOf(sample)));
    const expressions = files.filter(([name]) => name.endsWith(".nix")).map(([, file]) => `(${file})`);
    parse(`[ ${expressions.join("\n")} ]`);
  });

  test.each([
    ["postgresql", postgresql("db", { version: "16.3" })],
    ["redis", redis("db", { version: "7" })],
  ])("does not evaluate where nixpkgs has another version of %s than the graph", (_, node) => {
    expect(() => evaluateHosts(graph([host("leaf-1"), node]))).toThrow(`node db: version ${node.version} is asked for`);
  });

  test("offers each host to nixos-rebuild, colmena and deploy-rs", () => {
    const outputs = evaluate(`
      let
        import = _: { system }: system;
        flake = ${filesOf(everything)["flake.nix"]?.replaceAll(/\.\/(hosts\/\S+)/g, '"$1"')};
        inputs = {
          self = flake.outputs inputs;
          nixpkgs = { lib.nixosSystem = { modules }: modules; };
          colmena.lib.makeHive = hive: hive;
          deploy-rs.lib = {
            x86_64-linux.activate.nixos = configuration: { x86_64 = configuration; };
            aarch64-linux.activate.nixos = configuration: { aarch64 = configuration; };
          };
        };
      in inputs.self`);
    expect(outputs).toMatchObject({
      nixosConfigurations: { "leaf-1": ["hosts/leaf-1.nix"], "leaf-2": ["hosts/leaf-2.nix"] },
      colmenaHive: {
        meta: { nixpkgs: "x86_64-linux", nodeNixpkgs: { "leaf-2": "aarch64-linux" } },
        "leaf-1": {
          imports: ["hosts/leaf-1.nix"],
          deployment: { targetHost: "10.0.0.1", targetUser: "deploy", targetPort: 2222 },
        },
      },
      deploy: {
        nodes: {
          "leaf-1": {
            hostname: "10.0.0.1",
            sshUser: "deploy",
            sshOpts: ["-p", "2222", "-i", "/keys/deploy"],
            profiles: { system: { user: "root", path: { x86_64: ["hosts/leaf-1.nix"] } } },
          },
          "leaf-2": { profiles: { system: { path: { aarch64: ["hosts/leaf-2.nix"] } } } },
        },
      },
    });
  });
});
