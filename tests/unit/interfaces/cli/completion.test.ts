import { execFileSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { groupsFor } from "../../../../src/interfaces/cli/registry.ts";
import { runIn } from "./harness.ts";

const script = async (shell: string) => {
  const argv = ["completion", shell];
  return runIn(await groupsFor(argv), argv);
};

/** What bash offers for the last of these words. */
const offered = (text: string, ...words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const line = ["cim", ...words].map((word) => JSON.stringify(word)).join(" ");
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _cim; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync("bash", ["-c", `${text}\n${ask}`], { encoding: "utf8" })
    .trim()
    .split("\n");
};

test("bash offers commands, those of a group, options and choices", async () => {
  const { code, stdout } = await script("bash");
  expect(code).toBe(0);
  expect(offered(stdout, "dep")).toEqual(["deploy", "deployments"]);
  expect(offered(stdout, "agents", "su")).toEqual(["suspend"]);
  expect(offered(stdout, "--json", "agents", "grant", "ann", "op")).toEqual(["operator"]);
  expect(offered(stdout, "deploy", "shop.json", "--dry")).toEqual(["--dry-run"]);
});

test("zsh takes the same script, and fish has a line for each place", async () => {
  expect((await script("zsh")).stdout).toContain("bashcompinit\n_cim() {");
  expect((await script("fish")).stdout).toMatch(
    /complete -c cim -n '__fish_seen_subcommand_from agents; and not [^']*' -a '[^']*suspend/,
  );
});

test("another shell is a mistake of the line", async () => {
  expect(await script("csh")).toMatchObject({ code: 2, stdout: "" });
});
