import { commands } from "../../contract/commands.ts";
import { type CommandSpec, permittedBy, permittedText } from "../../domain/kernel/mod.ts";

const whoMay = ({ by, creates }: CommandSpec): string => {
  const [make, change] = [permittedText(permittedBy(by, false)), permittedText(permittedBy(by, true))];
  if (make === change) return change;
  return creates === true ? `to make one: ${make}; to change one: ${change}` : change;
};

/** Who may give each public command, as a table in Markdown, for `docs/authority.md`. */
export const authorityTable = (): string =>
  [
    "| command | who may give it |",
    "| --- | --- |",
    ...Object.entries<Readonly<Record<string, CommandSpec>>>(commands).flatMap(([aggregate, specs]) =>
      Object.entries(specs)
        .filter(([, { audience }]) => audience === "public")
        .map(([name, spec]) => `| \`${aggregate}.${name}\` | ${whoMay(spec)} |`),
    ),
  ].join("\n");
