import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { Schema } from "effect";
import fc from "fast-check";
import { deploymentFlake } from "../../../src/domain/deployment/flake.ts";
import { GraphDocument } from "../../../src/domain/graph/document.ts";
import { string } from "../../../src/domain/nix/language/expression.ts";
import { print } from "../../../src/domain/nix/language/print.ts";
import { digests } from "../../../src/infrastructure/digests.ts";
import { everything, graph, host, service } from "../../unit/domain/nix/graphs.ts";
import { infrastructure } from "../../unit/domain/nix/infrastructure.ts";
import { configurations } from "../../unit/domain/nix/rendering.ts";
import { describeWithNix, evaluateFlake, evaluateHosts, type Files } from "./nix.ts";

/** The graph without what is on an operator's machine only, and databases of no minor version but nixpkgs' own. */
const completed = (document: GraphDocument): GraphDocument => ({
  ...document,
  nodes: document.nodes.map((node) => {
    if (node.type === "host") return { ...node, imports: relative(node.imports) };
    return node.type === "database" && node.version !== undefined
      ? { ...node, version: node.version.replace(/\..*/, "") }
      : node;
  }),
});

/** Imports of absolute paths are on the operator's machine only. */
const relative = (imports: ReadonlyArray<string> = []) => imports.filter((file) => !file.startsWith("/"));

const filesOf = (document: GraphDocument): Files => ({
  ...deploymentFlake(completed(document), digests).files,
  ...Object.fromEntries(
    document.nodes.flatMap((node) => (node.type === "host" ? relative(node.imports) : [])).map((file) => [file, "{ }"]),
  ),
});

const folder = new URL("../../../examples/", import.meta.url);

const examples = readdirSync(folder)
  .filter((name) => name.endsWith(".json"))
  .map((name): [string, GraphDocument] => [
    name,
    Schema.decodeUnknownSync(GraphDocument)(JSON.parse(readFileSync(new URL(name, folder), "utf8"))),
  ]);

const graphs: ReadonlyArray<[string, GraphDocument]> = [
  ...examples,
  ["everything", everything],
  ["infrastructure", infrastructure],
];

/** A function that answers those parts of a host's configuration that the object with its name has. */
const partsIn = (hosts: unknown): string => `config:
  let
    pick = shape: value:
      if builtins.isAttrs shape then builtins.mapAttrs (name: inner: pick inner value.\${name}) shape
      else if builtins.isList shape && shape != [ ] then
        builtins.genList (
          index: pick (builtins.elemAt shape (if index < builtins.length shape then index else 0)) (builtins.elemAt value index)
        ) (builtins.length value)
      else value;
  in
  pick (builtins.fromJSON ${print(string(JSON.stringify(hosts)))}).\${config.networking.hostName} config`;

/** The same value, but where packages are in a text it may be any, and lists may have more from NixOS' own modules. */
const likely = (value: unknown): unknown => {
  if (typeof value === "string" && value.includes("<")) return expect.any(String);
  // Lines that NixOS's own modules add to.
  if (typeof value === "string") return value.endsWith("\n") ? expect.stringContaining(value) : value;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return expect.arrayContaining(value.map(likely));
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, likely(inner)]));
};

const hostsOf = ({ nodes }: GraphDocument) => nodes.filter(({ type }) => type === "host").map(({ id }) => id);

const systemOf = (id: string) => expect.stringMatching(new RegExp(`/[a-z0-9]{32}-nixos-system-${id}-[^/]*\\.drv$`));

describeWithNix("a generated flake, evaluated with nixpkgs", () => {
  test.each(graphs)("of %s makes a system of every host", (_, document) => {
    const systems = evaluateHosts(filesOf(document), "config: config.system.build.toplevel.drvPath");
    expect(systems).toEqual(Object.fromEntries(hostsOf(document).map((id) => [id, systemOf(id)])));
  });

  test.each(graphs)("of %s configures its hosts as specified", (_, document) => {
    const expected = Object.fromEntries(
      Object.entries(configurations(completed(document))).map(([id, { imports, ...configuration }]) => [
        id,
        configuration,
      ]),
    );
    expect(evaluateHosts(filesOf(document), partsIn(expected))).toEqual(likely(expected));
  });

  test.each(graphs)("of %s makes the same systems for colmena", (_, document) => {
    const files = filesOf(document);
    const hive = evaluateFlake(
      files,
      "colmenaHive",
      "hive: { systems = builtins.mapAttrs (_: system: system.drvPath) hive.toplevel; hosts = hive.deploymentConfig; }",
    );
    const hosts = document.nodes.filter((node) => node.type === "host");
    expect(hive).toMatchObject({
      systems: evaluateHosts(files, "config: config.system.build.toplevel.drvPath"),
      hosts: Object.fromEntries(
        hosts.map(({ id, address, ssh }) => [
          id,
          { targetHost: address, targetUser: ssh?.user ?? "root", targetPort: ssh?.port ?? 22 },
        ]),
      ),
    });
  });

  test.each(graphs)("of %s makes what deploy-rs activates", (_, document) => {
    const hosts = document.nodes.filter((node) => node.type === "host");
    const nodes = hosts.map(({ id, address, ssh }) => [
      id,
      {
        hostname: address.includes(":") ? `[${address}]` : address,
        sshUser: ssh?.user ?? "root",
        sshOpts: ["-p", String(ssh?.port ?? 22), ...(ssh?.identityFile === undefined ? [] : ["-i", ssh.identityFile])],
        profiles: { system: { user: "root", path: expect.stringContaining(`activatable-nixos-system-${id}-`) } },
      },
    ]);
    expect(evaluateFlake(filesOf(document), "deploy.nodes")).toEqual(Object.fromEntries(nodes));
  });

  test("has the drivers of virtual disks in the first stage of the boot, and keeps what may still be needed", () => {
    const files = filesOf(graph([host("leaf-1", { rootDevice: "/dev/vda1" })]));
    const { "leaf-1": found } = evaluateHosts(
      files,
      `config: {
        modules = config.boot.initrd.availableKernelModules;
        limits = [ config.boot.loader.grub.configurationLimit config.boot.loader.systemd-boot.configurationLimit ];
        gc = [ config.nix.gc.automatic config.systemd.services.nix-gc.preStart ];
      }`,
    );
    expect(found).toMatchObject({
      modules: expect.arrayContaining(["virtio_pci", "virtio_blk", "virtio_scsi"]),
      limits: [20, 20],
      gc: [true, expect.stringContaining("--delete-generations +20")],
    });
  });

  test("passes any text on into the environment of a unit exactly", () => {
    const texts = fc
      .sample(fc.string({ unit: "grapheme", minLength: 1 }), { numRuns: 500, seed: 5 })
      .map((text) => text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "\t"));
    const environment = Object.fromEntries(texts.map((text, index) => [`TEXT_${index}`, text]));
    const files = filesOf(graph([host("leaf-1", { rootDevice: "/dev/vda1" }), service("web", { environment })]));
    const { "leaf-1": found } = evaluateHosts(
      files,
      `config: {
        inherit (config.systemd.services.web) environment;
        unit = config.system.build.units."web.service".text;
      }`,
    );
    const { environment: variables, unit } = Object(found);
    // A doubled percent sign is how systemd writes one.
    const expected = texts.map((text, index) => [`TEXT_${index}`, text.replaceAll("%", "%%")]);
    expect(variables).toMatchObject(Object.fromEntries(expected));
    const lines = String(unit)
      .split("\n")
      .filter((line) => line.startsWith('Environment="TEXT_'));
    expect(lines.map((line) => JSON.parse(line.slice("Environment=".length))).sort()).toEqual(
      expected.map(([name, text]) => `${name}=${text}`).sort(),
    );
  });
});
