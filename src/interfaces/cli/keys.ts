import { defined } from "../../domain/kernel/mod.ts";
import { principalCommands } from "../../domain/principal/contract.ts";
import { giveSigned } from "./aggregate-commands.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { signWith } from "./key.ts";

interface KeyOptions {
  readonly since?: string;
  readonly reason?: string;
  readonly signWith?: string;
}

const changeKey =
  (name: "rotate-key" | "revoke-key") =>
  (id: string, publicKey: string, { signWith: file, since, reason }: KeyOptions) =>
  (cli: Invocation) => {
    const payload = defined({ publicKey, since, reason });
    return giveSigned(cli, file, { aggregate: "principal", id, command: name, payload });
  };

/** `cim keys`: which keys principals sign with. */
export const keys: CommandGroup = (program, runner) => {
  const group = program
    .command("keys")
    .description("The keys that principals sign with: another one, or none any more.");
  group
    .command("rotate <principal> <public-key>")
    .description(principalCommands["rotate-key"].description)
    .option("--reason <text>", "why")
    .option(...signWith)
    .action((id: string, publicKey: string, options: KeyOptions, command) =>
      runner.run(command, changeKey("rotate-key")(id, publicKey, options)),
    );
  group
    .command("revoke <principal> <public-key>")
    .description(principalCommands["revoke-key"].description)
    .requiredOption("--reason <text>", "why")
    .option("--since <instant>", "what it signed after this moment does not count (default: now)")
    .option(...signWith)
    .action((id: string, publicKey: string, options: KeyOptions, command) =>
      runner.run(command, changeKey("revoke-key")(id, publicKey, options)),
    );
};
