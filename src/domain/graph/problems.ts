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

/** The rules that make nodes and edges a graph. No command may break them. */
const structure: ReadonlyArray<(survey: Survey) => ReadonlyArray<Problem>> = [duplicateIds, edgeEnds];

/** Returns the rules that a node type has for its nodes. */
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
 * Returns every problem of a graph document in a stable order: severity, code, nodes, edges, message. Accepts any JSON
 * value and never throws. For a document of invalid form, it checks the readable parts.
 */
export const findProblems = (input: unknown): ReadonlyArray<Problem> => examine(input).problems;

/** Returns the same, and the document if its form is valid, for callers that need both. */
export const examine = (
  input: unknown,
): { readonly problems: ReadonlyArray<Problem>; readonly document: GraphDocument | undefined } => {
  const reading = read(input);
  const { problems, document } = reading;
  return { problems: inOrder([...problems, ...brokenRules(indexOfReading(reading))]), document };
};

/**
 * Returns every problem for which an installation refuses a document: those of {@link findProblems}, and text that
 * looks like a secret. No message contains a secret. `allowed` names the fields that may look like one. `files` has the
 * texts of hosts' files.
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

/** Returns every problem of a document of valid form. */
export const problemsIn = (document: GraphDocument): ReadonlyArray<Problem> => inOrder(brokenRules(indexOf(document)));

const brokenRules = (index: GraphIndex): ReadonlyArray<Problem> => rules.flatMap((rule) => rule(index));

/**
 * Returns the `duplicate-id`, `missing-node` and `invalid-edge` problems of a document of valid form. Pauses after each
 * rule.
 */
export function* structuralProblems(document: GraphDocument): Steps<ReadonlyArray<Problem>> {
  const survey = surveyOf(document);
  const problems: Array<Problem> = [];
  for (const rule of structure) {
    yield;
    problems.push(...rule(survey));
  }
  return inOrder(problems);
}

/** Returns whether these problems prevent a deployment. */
export const hasErrors = (problems: ReadonlyArray<Problem>): boolean =>
  problems.some(({ severity }) => severity === "error");

/** Returns a graph document, read strictly: unknown fields are errors. Fails with the problems of form only. */
export const decodeGraphDocument = (input: unknown): Result.Result<GraphDocument, ReadonlyArray<Problem>> => {
  const { document, survey, problems } = read(input);
  if (document !== undefined) return Result.succeed(document);
  // If only ends of edges have an invalid form, the problem is that these edges lead nowhere.
  return Result.fail(inOrder(problems.length > 0 ? problems : edgeEnds(survey)));
};
