import { Effect } from "effect";
import type { proposal } from "../../domain/consensus/decider.ts";
import type { CommandOf } from "../../domain/kernel/mod.ts";
import { everyoneWhoCanVote } from "./agents.ts";

/** Who may vote where the proposer names nobody; fixed when voting opens. */
export const lookUpForProposal = (command: CommandOf<typeof proposal.commands>) =>
  command.type === "submit" || command.type === "open-voting"
    ? Effect.map(everyoneWhoCanVote, (defaultElectorate) => ({ defaultElectorate }))
    : undefined;
