import type { MessageBusNode } from "../../../graph/node.ts";

/** A topic that a bus lists. */
export type Topic = NonNullable<MessageBusNode["topics"]>[number];

/** What NATS takes as a subject, wildcards included: tokens between dots, without white space; `>` only at the end. */
export const isSubject = (text: string): boolean =>
  /^[^\s\u0000-\u001f\u007f.]+(?:\.[^\s\u0000-\u001f\u007f.]+)*$/.test(text) && !/(?:^|\.)>\./.test(text);

/** What NATS takes as the name of a queue group. */
export const isQueue = (text: string): boolean => /^[^\s\u0000-\u001f\u007f]+$/.test(text);

const meet = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean => {
  const [first, ...others] = left;
  const [second, ...rest] = right;
  if (first === undefined || second === undefined) return first === second;
  if (first === ">" || second === ">") return true;
  return (first === "*" || second === "*" || first === second) && meet(others, rest);
};

/** Whether some subject is in both: NATS keeps a message in one stream only. */
export const overlap = (left: string, right: string): boolean => meet(left.split("."), right.split("."));

/** A topic is its subject and what is below it, as far as no other topic of the bus is there. */
export const subjectsOf = (topic: string, topics: ReadonlyArray<Topic>): ReadonlyArray<string> =>
  !isSubject(topic)
    ? []
    : topic === ">" || topic.endsWith(".>") || topics.some(({ name }) => name !== topic && overlap(name, `${topic}.>`))
      ? [topic]
      : [topic, `${topic}.>`];
