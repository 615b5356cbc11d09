import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { digests } from "../../../../../src/infrastructure/digests.ts";
import { takeIn } from "../../../../../src/interfaces/cli/graph/take-in.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "cim-take-in-"));
});
afterEach(() => rm(folder, { recursive: true }));

const write = async (files: Readonly<Record<string, string>>) => {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
};

const graphWith = (more: object) => ({
  id: "shop",
  nodes: [{ id: "web-1", type: "host", system: "x86_64-linux", address: "10.0.0.1", ...more }],
  edges: [],
});

const taken = (more: object) => takeIn(join(folder, "graphs/shop.json"), graphWith(more));

describe("modules beside a graph's file", () => {
  test("are taken in with all that they name, also above the file in its git repository", async () => {
    await mkdir(join(folder, ".git"));
    const files = {
      "graphs/hosts/web-1.nix": '{ imports = [ ./disks.nix ../../common ]; environment.etc.x.text = "./not-this"; }',
      "graphs/hosts/disks.nix": "{ }",
      "common/default.nix": "{ users.users.ops.openssh.authorizedKeys.keyFiles = [ ./keys/ops.pub ]; }",
      "common/keys/ops.pub": "ssh-ed25519 AAAA",
      "graphs/hosts/other.nix": "{ }",
    };
    await write(files);
    const { input, texts } = await taken({ imports: ["./hosts/web-1.nix"] });
    const digestOf = (path: keyof typeof files) => digests.sha256(files[path]);
    expect(input).toMatchObject({
      nodes: [
        {
          files: {
            "hosts/web-1.nix": digestOf("graphs/hosts/web-1.nix"),
            "hosts/disks.nix": digestOf("graphs/hosts/disks.nix"),
            "../common/default.nix": digestOf("common/default.nix"),
            "../common/keys/ops.pub": digestOf("common/keys/ops.pub"),
          },
        },
      ],
    });
    expect(JSON.stringify(input)).not.toContain("other.nix");
    expect(texts.get(digestOf("common/keys/ops.pub"))).toBe("ssh-ed25519 AAAA");
  });

  test("are not taken in from above the graph's folder, or from above its git repository", async () => {
    await write({
      "token.nix": "{ }",
      "repository/graphs/shop.json": "{}",
      "repository/module.nix": "import ../token.nix",
    });
    const shop = join(folder, "repository/graphs/shop.json");
    const from = (path: string) => takeIn(shop, graphWith({ imports: [path] }));
    await expect(from("../module.nix")).rejects.toThrow(/web-1.*module\.nix: it is outside of .*graphs, .*put a copy/);
    await write({ "repository/.git/config": "[remote]" });
    await expect(from("../module.nix")).rejects.toThrow(/token\.nix: it is outside of .*repository, .*put a copy/);
    await expect(from("../../token.nix")).rejects.toThrow(/token\.nix: it is outside/);
    await expect(from("../.git/config")).rejects.toThrow(/config: it is hidden, .*put a copy into the graph's folder/);
  });

  test("that are not there are refused, by name", async () => {
    await expect(taken({ imports: ["./gone.nix"] })).rejects.toThrow(/web-1.*`\.\/gone\.nix`.*correct the path/);
  });

  test("that an installation has, and the disk has not, stay as they are", async () => {
    const node = { imports: ["./gone.nix"], files: { "gone.nix": digests.sha256("x") } };
    expect(await taken(node)).toMatchObject({ input: graphWith(node) });
  });

  test("are taken in through links that stay in the graph's folder, and through no others", async () => {
    await write({ "graphs/real.nix": "{ }", "secrets/token": "key", "secrets/deep/default.nix": "{ }" });
    const [inside, file, up] = ["graphs/inside.nix", "graphs/file.nix", "graphs/up"].map((path) => join(folder, path));
    await symlink("real.nix", inside ?? "");
    await symlink("../secrets/token", file ?? "");
    await symlink("../secrets", up ?? "");
    const files = { "inside.nix": digests.sha256("{ }") };
    expect((await taken({ imports: ["./inside.nix"] })).input).toMatchObject({ nodes: [{ files }] });
    for (const path of ["./file.nix", "./up/deep", "./up"])
      await expect(taken({ imports: [path] })).rejects.toThrow(/symbolic link to .*secrets.*put a copy/);
  });

  test("are refused if they are too large or too many, without being read first", async () => {
    await write({ "graphs/large.nix": "{ }" });
    await truncate(join(folder, "graphs/large.nix"), 2 ** 40);
    await expect(taken({ imports: ["./large.nix"] })).rejects.toThrow(/large\.nix: it has 1099511627776 bytes/);
    await write(Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [`graphs/many/${index}.nix`, "{ }"])));
    await expect(taken({ imports: ["./many"] })).rejects.toThrow(/one more than the 1000 files/);
  });

  test("are not read where the path is the host's own", async () => {
    const node = { imports: ["/etc/hostname"] };
    expect((await taken(node)).input).toEqual(graphWith(node));
  });
});
