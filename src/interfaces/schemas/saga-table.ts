import { type Phase, saga } from "../../application/processes/deployment-workflow/saga.ts";
import type { Step } from "../../application/processes/deployment-workflow/step.ts";

/** A row of the table: when something is done in a phase, and what. */
type Row = readonly [when: string, what: string];

const textOf = (steps: ReadonlyArray<Step>): string =>
  steps
    .map(({ text }) => text)
    .filter((text) => text !== "")
    .join("; ");

const timersOf = (steps: ReadonlyArray<Step>): ReadonlyArray<Row> =>
  steps.flatMap(({ timer }): ReadonlyArray<Row> => (timer === undefined ? [] : [[timer.text, `\`${timer.gives}\``]]));

/** What is done on news. Events with the same consequence share a row. */
const newsOf = ({ on = {} }: Phase): ReadonlyArray<Row> => {
  const events = new Map<string, Array<string>>();
  for (const [event, steps] of Object.entries(on)) {
    const text = textOf(steps);
    events.set(text, [...(events.get(text) ?? []), `\`${event}\``]);
  }
  return [...events].map(([text, names]) => [names.join(", "), text]);
};

const rowsOf = (phase: Phase): ReadonlyArray<Row> => {
  const { begins, does = [], undo = [], undoneBy } = phase;
  const rows: ReadonlyArray<Row> = [
    [`\`${begins}\``, textOf(does)],
    ...timersOf(does),
    ...newsOf(phase),
    ["the way back", undoneBy === undefined ? "" : `*${undoneBy}*`],
    ["the end of the deployment", textOf(undo)],
  ];
  return rows.filter(([, what], index) => index === 0 || what !== "");
};

/** The saga of a deployment as a table in Markdown, for `docs/architecture.md`. */
export const sagaTable = (): string =>
  [
    "| phase | on | what is done |",
    "| --- | --- | --- |",
    ...Object.entries(saga).flatMap(([name, phase]) =>
      rowsOf(phase).map(([when, what], index) => `| ${index === 0 ? `*${name}*` : ""} | ${when} | ${what} |`),
    ),
  ].join("\n");
