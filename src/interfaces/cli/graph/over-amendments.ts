import { CommandRefused } from "../../../agents/kit/errors.ts";
import type { Client } from "../../../agents/kit/mod.ts";
import { takenOut } from "../../../domain/graph/amendments.ts";
import type { GraphDocument } from "../../../domain/graph/document.ts";
import { CliFailure } from "../errors.ts";
import { storedDocument } from "./source.ts";

/** The newest amendments that are looked at. */
const lookedAt = 5;

const versionsOf = async (client: Client, id: string, signal: AbortSignal) => {
  try {
    const { data } = await client.query("graphs", "versions", { id, limit: 500 }, { signal });
    return data.items;
  } catch (error) {
    // A graph that is not there has nothing to lose.
    if (error instanceof CommandRefused && error.reason === "not-found") return [];
    throw error;
  }
};

/**
 * Refuses an import that would take out what a vote put into the graph, with what that is. `--over-amendments` imports
 * it all the same.
 */
export const checkAmendments = async (
  client: Client,
  next: GraphDocument,
  file: string,
  signal: AbortSignal,
): Promise<void> => {
  const { id } = next;
  const versions = await versionsOf(client, id, signal);
  const amended = versions.flatMap(({ version, amends }, index) => {
    const before = versions[index + 1]?.version;
    return amends === undefined || before === undefined ? [] : [{ before, version, amends }];
  });
  if (amended.length === 0) return;
  const now = await storedDocument(client, { id }, signal);
  for (const { before, version, amends } of amended.slice(0, lookedAt)) {
    const amendment = {
      before: await storedDocument(client, { id, version: before }, signal),
      after: await storedDocument(client, { id, version }, signal),
    };
    const lost = takenOut(amendment, now, next);
    if (lost.length > 0)
      throw new CliFailure(
        `${file} would take out what the vote on ${amends} put into graph \`${id}\`: take it over first (\`cim graph pull ${id} FILE\`), or add --over-amendments`,
        { below: lost.map((line) => `  ${line}`) },
      );
  }
};
