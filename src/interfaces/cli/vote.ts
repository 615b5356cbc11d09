import { Argument } from "commander";
import type { Client } from "../../agents/kit/mod.ts";
import { Choice } from "../../domain/consensus/ballot.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { reportAccepted } from "./aggregate-commands.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup } from "./program.ts";
import { signerFrom, signWith } from "./signing.ts";
import { unchecked } from "./unchecked.ts";
import { withClient } from "./with-client.ts";

const collect = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text];

interface Ballot {
  readonly reason?: string;
  readonly condition?: ReadonlyArray<string>;
  readonly signWith?: string;
}

/** `cim vote`: the ballot of a person. */
export const vote: CommandGroup = (program, runner) => {
  program
    .command("vote <proposal>")
    .description("Casts your ballot, or changes it; you are --as.")
    .addArgument(new Argument("<choice>").choices(Choice.literals))
    .option("--reason <text>", "why")
    .option("--condition <text>", "what the approval depends on; may be given again", collect)
    .option(...signWith)
    .action((proposal: string, choice: string, { reason, condition, signWith: file }: Ballot, command) =>
      runner.run(command, async (cli) => {
        const signer = file === undefined ? undefined : await signerFrom(file);
        const cast = async (client: Client) => {
          const conditions = condition?.map((text) => ({ text }));
          const ballot = { choice, ...defined({ reason, conditions }) };
          reportAccepted(cli, await unchecked(client)("proposal", proposal, "vote", ballot, { signal: cli.signal }));
          return exitCode.done;
        };
        return withClient(cli, cast, signer);
      }),
    );
};
