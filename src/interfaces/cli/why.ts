import { Schema } from "effect";
import { HostReasons } from "../../contract/views/hosts.ts";
import { defined } from "../../domain/kernel/mod.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { Invocation } from "./invocation.ts";
import type { CommandGroup } from "./program.ts";
import { integer } from "./settings.ts";
import { whyText } from "./why-text.ts";
import { withClient } from "./with-client.ts";

const readWhy = Schema.decodeUnknownSync(HostReasons);

/** `leaf-1` or `leaf-1/web`. */
const partOf = (text: string): { readonly host: string; readonly node: string | undefined } => {
  const [host = "", node, ...more] = text.split("/");
  if (host === "" || node === "" || more.length > 0)
    throw usageFailure(`why ${text}: write HOST or HOST/NODE, such as leaf-1/web-api`);
  return { host, node };
};

const why =
  (part: string, { limit }: { readonly limit?: number }) =>
  (cli: Invocation): Promise<number> => {
    const { host, node } = partOf(part);
    return withClient(cli, async (client) => {
      const { data } = await client.query(
        "hosts",
        "why",
        { host, ...defined({ node, limit }) },
        { signal: cli.signal },
      );
      if (cli.output.json) cli.output.document(data);
      else cli.output.result(whyText(readWhy(data)));
      return exitCode.done;
    });
  };

/** `cim why`: the way back from what runs to who decided on it and who made it. */
export const whyCommand: CommandGroup = (program, runner) => {
  program
    .command("why <host[/node]>")
    .description("Tells why a host runs what it runs: the deployment, the vote, the dialog, and who changed the graph.")
    .option("--limit <count>", "at most so many commits of the graph (default: 200)", integer(1))
    .action((part: string, options: { limit?: number }, command) => runner.run(command, why(part, options)));
};
