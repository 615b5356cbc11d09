import { Result } from "effect";
import { deploymentFlake } from "../../domain/deployment/flake.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import type { Problem } from "../../domain/graph/problem.ts";
import { decodeGraphDocument, hasErrors, problemsIn } from "../../domain/graph/problems.ts";
import type { Flake, Pins } from "../../domain/nix/mod.ts";
import { digests } from "../../infrastructure/digests.ts";
import { CliFailure } from "./errors.ts";
import { type GraphSource, nameOfSource, readSource } from "./graph-source.ts";
import type { Invocation } from "./invocation.ts";

/** A problem on a line: how bad, what kind, and what to do. */
export const problemText = ({ severity, code, message }: Problem): string => `${severity} ${code}: ${message}`;

const failure = (source: GraphSource, why: string, problems: ReadonlyArray<Problem>): CliFailure =>
  new CliFailure(
    `${nameOfSource(source)} ${why}:\n${problems.map((problem) => `  ${problemText(problem)}`).join("\n")}`,
    {
      document: { files: [{ file: "file" in source ? source.file : nameOfSource(source), ok: false, problems }] },
    },
  );

/** Reads a graph whose form is right, whatever else is wrong with it. */
export const readGraph = async (cli: Invocation, source: GraphSource): Promise<GraphDocument> => {
  const document = Result.flatMap(await readSource(cli, source), decodeGraphDocument);
  if (Result.isFailure(document)) throw failure(source, "is not a deployment graph", document.failure);
  return document.success;
};

/** Reads a graph that can be deployed; its warnings are told. */
export const deployableGraph = async (cli: Invocation, source: GraphSource): Promise<GraphDocument> => {
  const document = await readGraph(cli, source);
  const problems = problemsIn(document);
  if (hasErrors(problems)) {
    const errors = problems.filter(({ severity }) => severity === "error");
    throw failure(source, "has errors; see also `cim graph validate`", errors);
  }
  for (const problem of problems) cli.output.note(problemText(problem));
  return document;
};

/** The flake of a graph that can be deployed. */
export const flakeOf = (document: GraphDocument, pins: Pins = {}): Flake =>
  deploymentFlake(document, { sha256: digests.sha256, pins });
