import type { Json } from "../../agents/kit/mod.ts";
import { fieldOf, itemsOf, textOf } from "./document-text.ts";
import { table } from "./table.ts";

const share = (fact: Json, field: string): string => Number(textOf(fact, field)).toFixed(2);

const standing = (fact: Json): string =>
  fieldOf(fact, "retracted") === true ? "retracted" : fieldOf(fact, "holds") === true ? "holds" : "superseded";

/** Facts as a table. */
export const factsTable = (answer: Json): string => {
  const facts = itemsOf(answer, "items");
  if (facts.length === 0) return "no facts";
  return table(
    ["SUBJECT", "PREDICATE", "OBJECT", "CONFIDENCE", "AUTHOR", "STATE", "ID"],
    facts.map((fact) => [
      ...["subject", "predicate", "object"].map((field) => textOf(fact, field)),
      ...[share(fact, "confidence"), textOf(fact, "author"), standing(fact), textOf(fact, "id")],
    ]),
  );
};

/** A fact that was found, and what speaks for it. */
export const hitText = (hit: Json): string =>
  [
    `${textOf(hit, "snippet")}  (${textOf(hit, "fact", "author")}, confidence ${share(fieldOf(hit, "fact") ?? null, "confidence")})`,
    ...itemsOf(hit, "reasons").map((reason) => `    ${textOf(reason)}`),
  ].join("\n");

/** Facts in a row, a line each. */
export const pathText = (answer: Json): string =>
  itemsOf(answer, "items")
    .map((fact) => ["subject", "predicate", "object"].map((field) => textOf(fact, field)).join(" "))
    .join("\n") || "they are the same";

const said: Readonly<Record<string, string>> = {
  fact: "asserts",
  retraction: "retracts",
  settlement: "settled by vote",
};

/** What someone said about a fact, on a line. */
export const historyLine = (entry: Json): string => {
  const record = fieldOf(entry, "record") ?? null;
  const kind = textOf(record, "kind");
  const what = kind === "evidence" ? `${textOf(record, "verdict")}s by ${textOf(record, "evidence")}` : said[kind];
  return `${textOf(entry, "position")}  ${textOf(record, "stamp")}  ${textOf(record, "author")}  ${what ?? kind}`;
};
