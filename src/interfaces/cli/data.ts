import { type DataFate, type Fate, fateText, losers } from "../../domain/deployment/data/fate.ts";
import type { Output, Style } from "./output.ts";

const colors: Readonly<Record<Fate, Style>> = {
  destroyed: "red",
  empty: "red",
  "left-behind": "yellow",
  stays: "dim",
};

/** What becomes of the data on the hosts, one node a line, and how a loss is accepted. No lines if there are no data. */
export const dataLines = (data: ReadonlyArray<DataFate>, { style }: Pick<Output, "style">): ReadonlyArray<string> => {
  if (data.length === 0) return [];
  const lost = losers(data);
  const quiet = (one: DataFate) => one.fate === "stays" && one.text === undefined;
  return [
    "data",
    ...data.map(
      (one) => `  ${style(quiet(one) ? "dim" : one.fate === "stays" ? "yellow" : colors[one.fate], fateText(one))}`,
    ),
    ...(lost.length === 0
      ? []
      : [`  a deployment is rejected unless its request accepts this: --accept-data-loss ${lost.join(",")}`]),
  ];
};
