import { type FieldReference, graphReference, type TypeReference } from "../../domain/graph/reference.ts";

const row = ({ path, form, required, description }: FieldReference): string =>
  `| \`${path}\` | ${form.replaceAll("|", "\\|")}${required ? "; required" : ""} | ${description.replaceAll("|", "\\|")} |`;

const fieldTable = (fields: ReadonlyArray<FieldReference>): ReadonlyArray<string> => [
  "| field | form | what it says |",
  "| --- | --- | --- |",
  ...fields.map(row),
];

const section = ({ kind, name, meaning, ends, fields }: TypeReference): ReadonlyArray<string> => [
  `### The ${kind} \`${name}\``,
  "",
  `${meaning}${ends === undefined ? "" : ` From: ${ends.from}. To: ${ends.to}.`}`,
  "",
  ...fieldTable(fields),
  "",
];

/** Every field of a graph, of nodes and of edges, as tables in Markdown, for `docs/graph.md`. */
export const graphFields = (): string => {
  const { graph, types } = graphReference();
  const of = (kind: TypeReference["kind"]) => types.filter((one) => one.kind === kind).flatMap(section);
  return ["## The graph", "", ...fieldTable(graph), "", "## Nodes", "", ...of("node"), "## Edges", "", ...of("edge")]
    .join("\n")
    .trimEnd();
};
