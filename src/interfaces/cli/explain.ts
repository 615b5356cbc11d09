import { choiceText } from "../../domain/graph/complaints.ts";
import type { FieldReference, TypeReference } from "../../domain/graph/reference.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { table } from "./text.ts";

const fieldLines = (fields: ReadonlyArray<FieldReference>): ReadonlyArray<string> =>
  fields.flatMap(({ path, form, required, description }) => [
    `  ${path}  (${form}${required ? ", required" : ""})`,
    ...(description === "" ? [] : [`      ${description}`]),
  ]);

const typeLines = ({ kind, name, meaning, ends, fields }: TypeReference): ReadonlyArray<string> => [
  `${kind} ${name}: ${meaning}`,
  ...(ends === undefined ? [] : [`from: ${ends.from}; to: ${ends.to}`]),
  ...fieldLines(fields),
];

const overview = (types: ReadonlyArray<TypeReference>): ReadonlyArray<string> =>
  table(
    ["TYPE", "IS A", "MEANING"],
    types.map(({ name, kind, meaning }) => [name, kind, meaning]),
  );

const unknown = (what: string, name: string, names: ReadonlyArray<string>) =>
  usageFailure(`there is no ${what} \`${name}\`: ${choiceText(name, names)}`);

/** Explains everything, a type of node or edge, or a field of one with what is below it. */
const explain = (what: string | undefined) => async (cli: Invocation) => {
  const { graphReference } = await import("../../domain/graph/reference.ts");
  const { graph, types } = graphReference();
  if (what === undefined) {
    if (cli.output.json) cli.output.document({ graph, types });
    cli.output.result([...overview(types), "", "the fields of one: cim explain TYPE, or cim explain TYPE.FIELD"]);
    return exitCode.done;
  }
  const [name = "", ...path] = what.split(".");
  const all = [{ name: "graph", kind: "graph" as const, meaning: "The document itself.", fields: graph }, ...types];
  const type = all.find((one) => one.name === name);
  if (type === undefined)
    throw unknown(
      "type",
      name,
      all.map((one) => one.name),
    );
  const field = path.join(".");
  const fields = type.fields.filter(
    ({ path: one }) =>
      field === "" || one === field || (one.startsWith(field) && /^[.[]/.test(one.slice(field.length))),
  );
  if (fields.length === 0)
    throw unknown(
      `field of ${name}`,
      field,
      type.fields.map((one) => one.path),
    );
  if (cli.output.json) cli.output.document({ ...type, fields });
  cli.output.result(field === "" && type.kind !== "graph" ? typeLines(type) : fieldLines(fields));
  return exitCode.done;
};

/** `cim explain`: the graph format, field by field. Needs no server. */
export const explaining: CommandGroup = (program, runner) => {
  program
    .command("explain [what]")
    .description("Explains the graph format: every type, one type (service), or a field (service.healthCheck).")
    .action((what: string | undefined, _, command) => runner.run(command, explain(what)));
};
