import { Argument } from "commander";
import { Choice } from "../../domain/consensus/ballot.ts";
import { reportAccepted } from "./aggregate-commands.ts";
import { defined } from "./defined.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup } from "./program.ts";
import { withClient } from "./with-client.ts";

const collect = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text];

interface Ballot {
  readonly reason?: string;
  readonly condition?: ReadonlyArray<string>;
}

/** `cim vote`: the ballot of a person. */
export const vote: CommandGroup = (program, runner) => {
  program
    .command("vote <proposal>")
    .description("Casts your ballot, or changes it; you are --as.")
    .addArgument(new Argument("<choice>").choices(Choice.literals))
    .option("--reason <text>", "why")
    .option("--condition <text>", "what the approval depends on; may be given again", collect)
    .action((proposal: string, choice: string, { reason, condition }: Ballot, command) =>
      runner.run(command, (cli) =>
        withClient(cli, async (client) => {
          const conditions = condition?.map((text) => ({ text }));
          const ballot = { choice, ...defined({ reason, conditions }) };
          reportAccepted(cli, await client.command("proposal", proposal, "vote", ballot, { signal: cli.signal }));
          return exitCode.done;
        }),
      ),
    );
};
