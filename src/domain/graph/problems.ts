import { Result } from "effect";
import type { Steps } from "../kernel/mod.ts";
import type { GraphDocument } from "./document.ts";
import { type GraphIndex, indexOf, indexOfReading } from "./graph-index.ts";
import { type NodeOf, nodeTypes } from "./node.ts";
import type { NodeTypeDefinition } from "./node-type.ts";
import { inOrder, type Problem } from "./problem.ts";
import { cycles } from "./rules/cycles.ts";
import { deviceConflicts } from "./rules/devices.ts";
import { engineConflicts, places } from "./rules/placement.ts";
import { plaintext } from "./rules/plaintext.ts";
import { portConflicts, unknownPorts } from "./rules/ports.ts";
import { orphans, singlePointsOfFailure } from "./rules/relations.ts";
import { duplicateIds, edgeEnds, takenNames } from "./rules/structure.ts";
import { checkSecrets } from "./secret-check.ts";
import { read, type Survey, surveyOf } from "./survey.ts";
import { type NodeType, nodeTypeNames } from "./types.ts";

type Rule = (index: GraphIndex) => ReadonlyArray<Problem>;

/** What makes a list of nodes and edges a graph; no command may break these. */
const structure: ReadonlyArray<(survey: Survey) => ReadonlyArray<Problem>> = [duplicateIds, edgeEnds];

/** What the type of a node says of its nodes. */
const rulesOf =
  <T extends NodeType>(type: T): Rule =>
  (index) => {
    const { rules }: NodeTypeDefinition<NodeOf<T>> = nodeTypes[type];
    const nodes = index.nodesOf(type);
    return rules.flatMap((rule) => rule(nodes, index));
  };

const rules: ReadonlyArray<Rule> = [
  ...structure,
  takenNames,
  cycles,
  places,
  engineConflicts,
  portConflicts,
  unknownPorts,
  orphans,
  singlePointsOfFailure,
  deviceConflicts,
  plaintext,
  ...nodeTypeNames.map((type) => rulesOf(type)),
];

/**
 * Every problem of a graph document, in a stable order: severity, code, nodes, edges, message. Takes any JSON value and
 * never throws; of a document with faults of form it checks whatever can be read.
 */
export const findProblems = (input: unknown): ReadonlyArray<Problem> => examine(input).problems;

/** The same with the document itself, if its form is right: a caller that wants both reads it once. */
export const examine = (
  input: unknown,
): { readonly problems: ReadonlyArray<Problem>; readonly document: GraphDocument | undefined } => {
  const reading = read(input);
  const { problems, document } = reading;
  return { problems: inOrder([...problems, ...brokenRules(indexOfReading(reading))]), document };
};

/**
 * Every problem that keeps a document out of an installation: those of {@link findProblems}, and what looks like a
 * secret. No message has a secret in it. `allowed` names the fields that may look like one; `files` has the texts of files
 * that hosts name.
 */
export const problemsAtDoor = (
  input: unknown,
  allowed: ReadonlyArray<string> = [],
  files: ReadonlyMap<string, string> = new Map(),
): ReadonlyArray<Problem> => {
  const { survey, problems, document } = read(input);
  const { description, pins } = document ?? {};
  const check = checkSecrets(
    { description, pins, nodes: survey.nodes.values(), edges: survey.edges, files },
    { allowed },
  );
  const others = [...problems, ...brokenRules(indexOfReading({ survey, document }))];
  return inOrder([...check.problems, ...check.concealed(others)]);
};

/** Every problem of a document whose form is right. */
export const problemsIn = (document: GraphDocument): ReadonlyArray<Problem> => inOrder(brokenRules(indexOf(document)));

const brokenRules = (index: GraphIndex): ReadonlyArray<Problem> => rules.flatMap((rule) => rule(index));

/** The `duplicate-id`, `missing-node` and `invalid-edge` of a document whose form is right. Pauses after each rule. */
export function* structuralProblems(document: GraphDocument): Steps<ReadonlyArray<Problem>> {
  const survey = surveyOf(document);
  const problems: Array<Problem> = [];
  for (const rule of structure) {
    yield;
    problems.push(...rule(survey));
  }
  return inOrder(problems);
}

/** Whether a graph with these problems may not be deployed. */
export const hasErrors = (problems: ReadonlyArray<Problem>): boolean =>
  problems.some(({ severity }) => severity === "error");

/** Reads a graph document strictly: unknown fields are errors. Fails with its faults of form, none of other rules. */
export const decodeGraphDocument = (input: unknown): Result.Result<GraphDocument, ReadonlyArray<Problem>> => {
  const { document, survey, problems } = read(input);
  if (document !== undefined) return Result.succeed(document);
  // Where only ends of edges have a wrong form, those edges lead to nothing.
  return Result.fail(inOrder(problems.length > 0 ? problems : edgeEnds(survey)));
};
