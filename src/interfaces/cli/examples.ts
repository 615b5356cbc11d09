import { readFileSync } from "node:fs";

/** Examples that one help shows. */
const mostExamples = 5;

/** The command lines in the blocks for a shell of the page on the command line. They are tested there. */
const documented = (): ReadonlyArray<string> => {
  const page = readFileSync(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  return [...page.matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = ""]) => block.trimEnd().split("\n"));
};

/** Examples of a command, or of the commands of a group, for its help; nothing if there are none. `name`: `cim graph diff`. */
export const examplesOf = (name: string): string => {
  const found = documented().filter((line) => line.startsWith(`${name} `) || line === name);
  if (found.length === 0) return "";
  return `\nExamples:\n${found
    .slice(0, mostExamples)
    .map((line) => `  ${line.replace(/\s{2,}#/, "  #")}`)
    .join("\n")}`;
};
