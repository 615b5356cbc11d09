import type { Node } from "../../domain/graph/node.ts";
import { finding, quoted, type Rule } from "./rule.ts";
import { opensShellToNet, runsFetchedProgram } from "./shell-text.ts";

/** A text of a node that something on its hosts may run, and the field that has it. */
interface Line {
  readonly field: string;
  readonly text: string;
}

/** Fields with names and numbers, which nothing runs. */
const notRun: ReadonlySet<string> = new Set(["id", "type", "labels"]);

const linesIn = (field: string, value: unknown): ReadonlyArray<Line> => {
  if (typeof value === "string") return [{ field, text: value }];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => linesIn(`${field}.${name}`, inner));
};

/** The texts of a node; the command of a service also as one line with its arguments. */
const linesOf = (node: Node): ReadonlyArray<Line> => {
  const lines = Object.entries(node).flatMap(([field, value]) => (notRun.has(field) ? [] : linesIn(field, value)));
  if (node.type !== "service" || node.args === undefined) return lines;
  return [{ field: "command", text: [node.command, ...node.args].join(" ") }, ...lines];
};

const onEach =
  (rule: string, isOne: (text: string) => boolean, message: (id: string, fields: string) => string): Rule =>
  (graph) =>
    [...graph.nodes.values()].flatMap((node) => {
      const fields = new Set(
        linesOf(node)
          .filter(({ text }) => isOne(text))
          .map(({ field }) => field),
      );
      if (fields.size === 0) return [];
      return [finding(rule, "blocking", message(node.id, quoted([...fields])), { nodes: [node.id] })];
    });

/** What is fetched when it runs is not what was reviewed and voted on, and may be something else each time. */
export const fetchedProgram: Rule = onEach(
  "security/fetched-program",
  runsFetchedProgram,
  (id, fields) =>
    `\`${id}\` fetches a program from the net and runs it (${fields}), so that nobody has reviewed what runs: name its package in \`package\`, or put it into a NixOS module of the host (\`imports\`)`,
);

/** A shell for whoever is at the other end of a connection. */
export const remoteShell: Rule = onEach(
  "security/remote-shell",
  opensShellToNet,
  (id, fields) =>
    `\`${id}\` opens a shell to the net (${fields}): take it out; people log in to the host by ssh, and a port is checked with \`healthCheck\` of kind \`tcp\``,
);
