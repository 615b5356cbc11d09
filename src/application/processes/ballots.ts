import { proposal } from "../../domain/consensus/decider.ts";

/** What most process managers ignore of proposals: the many ballots, of which the outcome has an event of its own. */
export const ballots: ReadonlyArray<string> = [`${proposal.name}.ballot-cast`];
