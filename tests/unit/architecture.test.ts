import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";

const root = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

interface Violation {
  readonly from: string;
  readonly to: string;
  readonly rule: { readonly name: string };
}

/** Runs the import rules over `directory/src`; the violations it finds, and how many files it read. */
const cruise = async (directory: string): Promise<{ violations: ReadonlyArray<Violation>; modules: number }> => {
  const { stdout } = await run(
    process.execPath,
    [
      join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs"),
      "src",
      "--config",
      join(root, ".dependency-cruiser.cjs"),
      "--output-type",
      "json",
    ],
    { cwd: directory, maxBuffer: 64 * 1024 * 1024 },
  ).catch((error: { readonly stdout?: string }) => ({ stdout: error.stdout ?? "" }));
  const { summary } = JSON.parse(stdout) as { summary: { violations: Array<Violation>; totalCruised: number } };
  return { violations: summary.violations, modules: summary.totalCruised };
};

test("the import table of docs/architecture.md holds", async () => {
  const { violations, modules } = await cruise(root);
  expect(modules).toBeGreaterThan(50);
  expect(violations.map(({ from, to, rule }) => `${rule.name}: ${from} imports ${to}`)).toEqual([]);
});

describe("a planted violation is found", () => {
  let directory = "";
  const planted: ReadonlyArray<readonly [rule: string, file: string, imported: string, statement?: string]> = [
    ["domain-is-the-innermost", "src/domain/graph/a.ts", "src/application/x.ts"],
    ["domain-is-the-innermost", "src/domain/graph/types-too.ts", "src/infrastructure/x.ts", "import type { X }"],
    ["kernel-knows-no-context", "src/domain/kernel/a.ts", "src/domain/graph/x.ts"],
    ["domain-is-the-innermost", "src/domain/host/a.ts", "src/contract/x.ts"],
    ["contract-imports-domain", "src/contract/a.ts", "src/application/x.ts"],
    ["contract-imports-domain", "src/contract/views/types-too.ts", "src/projections/x.ts", "import type { X }"],
    ["application-imports-domain", "src/application/a.ts", "src/infrastructure/x.ts"],
    ["projections-import-domain", "src/projections/a.ts", "src/application/x.ts"],
    ["infrastructure-is-behind-ports", "src/infrastructure/nats/a.ts", "src/projections/x.ts"],
    ["agents-speak-the-contract", "src/agents/a.ts", "src/application/x.ts"],
    ["agents-read-graphs-by-their-index", "src/agents/reviewers/a.ts", "src/domain/nix/x.ts"],
    ["http-is-a-client", "src/interfaces/http/a.ts", "src/application/x.ts"],
    ["http-is-a-client", "src/interfaces/http/stream/b.ts", "src/domain/graph/x.ts", "import type { X }"],
    ["console-speaks-the-contract", "src/console/a.ts", "src/agents/x.ts"],
    ["pages-are-loaded-when-opened", "src/console/page/frame/a.ts", "src/console/page/pages/one/x.ts"],
    ["pages-do-not-know-each-other", "src/console/page/pages/two/a.ts", "src/console/page/pages/one/x.ts"],
    ["src-is-not-tests", "src/interfaces/a.ts", "tests/x.ts"],
  ];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "cim-boundaries-"));
    const write = async (file: string, text: string) => {
      await mkdir(dirname(join(directory, file)), { recursive: true });
      await writeFile(join(directory, file), text);
    };
    for (const [, file, imported, statement = "import { X }"] of planted) {
      await write(imported, "export type X = 1;\nexport const X = 1;\n");
      const up = "../".repeat(file.split("/").length - 1);
      await write(file, `${statement} from "${up}${imported}";\nexport const y: X = 1;\nexport type Z = X;\n`);
    }
    await write(
      "src/domain/graph/below.ts",
      'import type { Above } from "./above.ts";\nexport type Below = Above[];\n',
    );
    await write(
      "src/domain/graph/above.ts",
      'import type { Below } from "./below.ts";\nexport type Above = Below[];\n',
    );
    await write("src/domain/graph/clock.ts", 'import { hrtime } from "node:process";\nexport const now = hrtime;\n');
    await write("src/contract/clock.ts", 'import { hrtime } from "node:process";\nexport const now = hrtime;\n');
    await write("src/console/clock.ts", 'import { hrtime } from "node:process";\nexport const now = hrtime;\n');
    await write("src/agents/kit/mod.ts", "export const x = 1;\n");
    await write("src/application/processes/forgotten.ts", "export const forgotten = 1;\n");
    await write("tsconfig.json", "{}");
  });

  afterAll(() => rm(directory, { recursive: true, force: true }));

  test("for every rule", async () => {
    const { violations } = await cruise(directory);
    const found = new Set(violations.map(({ from, rule }) => `${rule.name} in ${from}`));
    for (const [rule, file] of planted) expect(found).toContain(`${rule} in ${file}`);
    expect(found).toContain("domain-has-no-libraries in src/domain/graph/clock.ts");
    expect(found).toContain("no-cycles in src/domain/graph/above.ts");
    expect(found).toContain("contract-has-no-technology in src/contract/clock.ts");
    expect(found).toContain("console-runs-in-browsers in src/console/clock.ts");
    expect(found).toContain("everything-is-used in src/application/processes/forgotten.ts");
    expect(found).not.toContain("everything-is-used in src/agents/kit/mod.ts");
  });
});
