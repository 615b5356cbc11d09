import { Result } from "effect";
import type { Finding } from "../../domain/deployment/review.ts";
import { contentAfter } from "../../domain/graph/changes.ts";
import { contentOf, documentWith } from "../../domain/graph/content.ts";
import type { GraphDocument } from "../../domain/graph/document.ts";
import type { Problem } from "../../domain/graph/problem.ts";
import { findProblems } from "../../domain/graph/problems.ts";

/** What became of a graph when the changes of findings were made, one finding after the other. */
interface Trial {
  /** Why a graph did not take the changes of a finding. */
  readonly refused: ReadonlyMap<Finding, string>;
  /** The errors that the graph did not have before. */
  readonly errors: ReadonlyArray<Problem>;
}
type Try = (offers: ReadonlyArray<Finding>) => Trial;

/** The findings that are tried one by one, at most: each try validates the whole graph. */
const mostTries = 4;

/**
 * The findings as they are, if the graph takes the changes of all of them, in their order, and stays as valid as it
 * was. One whose changes it does not take comes without them, and says what stands in the way.
 */
export const withRemediesThatApply = (
  document: GraphDocument,
  findings: ReadonlyArray<Finding>,
): ReadonlyArray<Finding> => {
  const offers = findings.filter(({ changes }) => changes !== undefined);
  if (offers.length === 0) return findings;
  const attempt = trialsOn(document);
  const obstacles = afterSecondThought(attempt, offers, obstaclesTo(attempt, offers));
  return findings.map((found) => {
    const obstacle = obstacles.get(found);
    return obstacle === undefined ? found : withoutRemedy(found, obstacle);
  });
};

const withoutRemedy = ({ changes: _, message, ...found }: Finding, obstacle: string): Finding => ({
  ...found,
  message: `${message}; but this stands in the way: ${obstacle}`,
});

const errorsOf = (document: GraphDocument): ReadonlyArray<Problem> =>
  findProblems(document).filter(({ severity }) => severity === "error");

const trialsOn = (document: GraphDocument): Try => {
  const before = contentOf(document);
  let known: ReadonlySet<string> | undefined;
  const isNew = ({ message }: Problem): boolean => {
    known ??= new Set(errorsOf(document).map((problem) => problem.message));
    return !known.has(message);
  };
  return (offers) => {
    const refused = new Map<Finding, string>();
    let content = before;
    for (const offer of offers) {
      const result = contentAfter(content, offer.changes ?? []);
      if (Result.isSuccess(result)) content = result.success;
      else refused.set(offer, result.failure.message);
    }
    const errors = errorsOf(documentWith({ id: document.id }, content)).filter(isNew);
    return { refused, errors };
  };
};

/**
 * What stands in the way of findings, all tried at once: their own refusals, and the errors about what they are about.
 * The others are tried again without them.
 */
const obstaclesTo = (attempt: Try, offers: ReadonlyArray<Finding>): ReadonlyMap<Finding, string> => {
  const { refused, errors } = attempt(offers);
  const [first] = errors;
  if (first === undefined) return refused;
  const about = new Map(errors.flatMap((error) => subjectsOf(error).map((subject) => [subject, error.message])));
  const obstacles = new Map(refused);
  for (const offer of offers) {
    const subject = subjectsOf(offer).find((each) => about.has(each));
    if (subject !== undefined && !refused.has(offer)) obstacles.set(offer, about.get(subject) ?? first.message);
  }
  const others = offers.filter((offer) => !obstacles.has(offer));
  if (others.length === offers.length) return new Map(offers.map((offer) => [offer, first.message]));
  return new Map([...obstacles, ...obstaclesTo(attempt, others)]);
};

/** The ids of nodes and the identities of edges. */
const subjectsOf = ({ nodes, edges }: Pick<Problem, "nodes" | "edges">): ReadonlyArray<string> => [...nodes, ...edges];

/** A finding may share a node with an error and have no part in it: the first few are tried again. */
const afterSecondThought = (
  attempt: Try,
  offers: ReadonlyArray<Finding>,
  suspected: ReadonlyMap<Finding, string>,
): ReadonlyMap<Finding, string> => {
  const obstacles = new Map(suspected);
  for (const suspect of [...suspected.keys()].slice(0, mostTries)) {
    const { refused, errors } = attempt(offers.filter((offer) => offer === suspect || !obstacles.has(offer)));
    const [obstacle] = [...refused.values(), ...errors.map(({ message }) => message)];
    if (obstacle === undefined) obstacles.delete(suspect);
    else obstacles.set(suspect, obstacle);
  }
  return obstacles;
};
