import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { everything, graph, host, nats, postgresql, redis, service } from "../../unit/domain/nix/graphs.ts";
import { filesOf } from "../../unit/domain/nix/rendering.ts";
import { describeWithNix, evaluateHosts, parse } from "./nix.ts";

describeWithNix("a generated flake, read by Nix", () => {
  test("parses, every file of it", () => {
    const files = Object.entries(filesOf(everything)).filter(([name]) => name.endsWith(".nix"));
    expect(files.length).toBeGreaterThan(1);
    for (const [, text] of files) parse(text);
  });

  test("parses, whatever is in the free text of a graph", () => {
    const text = fc
      .array(fc.constantFrom(..."a / \" ' '' $ \u0024{x} \\ % # */ ; } ü".split(" "), " ", "\n", "\r"), {
        minLength: 1,
        maxLength: 6,
      })
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
    const files = filesOf(graph([host("leaf-1", { rootDevice: "/dev/vda1" }), node]));
    expect(() => evaluateHosts(files, "config: config.system.build.toplevel.drvPath")).toThrow(
      `node db: version ${node.version} is asked for`,
    );
  });
});
