import type { Problem } from "../../../domain/graph/problem.ts";
import type { Output, Style } from "../output.ts";

/** Warnings of one kind that have a line each. More of them share one line. */
const mostLines = 5;

/** Nodes that such a line names. */
const namedNodes = 8;

/** Problems for people: each error on a line of its own, and many warnings of one kind on one line. */
export const problemLines = (
  problems: ReadonlyArray<Problem>,
  style: Output["style"] = (_, text) => text,
): ReadonlyArray<string> => {
  const line = ({ severity, code }: Problem, text: string): string => {
    const color: Style = severity === "error" ? "red" : "yellow";
    return `${style(color, severity)} ${code}: ${text.replaceAll("\n", " ")}`;
  };
  const kinds = Map.groupBy(problems, ({ severity, code }) => `${severity} ${code}`);
  return [...kinds.values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    if (first.severity === "error" || alike.length <= mostLines) return alike.map((one) => line(one, one.message));
    const others = alike.slice(1).flatMap(({ nodes }) => nodes.slice(0, 1));
    const left = alike.length - 1 - Math.min(others.length, namedNodes);
    const also = [...others.slice(0, namedNodes), ...(left === 0 ? [] : [`${left.toLocaleString("en-US")} more`])];
    return [line(first, `${first.message}; the same of ${also.join(", ")}`)];
  });
};
