import type { Client } from "../../agents/kit/mod.ts";
import { policy, policyCommands } from "../../domain/consensus/policy.ts";
import { addPublicCommands, reportAccepted } from "./aggregate-commands.ts";
import { withClient } from "./connection.ts";
import { exitCode, usageFailure } from "./errors.ts";
import type { CommandGroup } from "./invocation.ts";
import { columns } from "./listing.ts";
import { addPayloadOptions, payloadFields, payloadOf } from "./payload-options.ts";
import { readDocument } from "./read-input.ts";
import { addViewCommands } from "./views.ts";

const policyColumns = columns<"policies">(
  "id",
  "version",
  "protocol",
  "threshold",
  "quorum",
  "votingSeconds",
  "signedBallots",
  "binding",
);

/** `cim policies`, also as `cim policy`. A policy comes into force by a vote. */
export const policies: CommandGroup = (program, runner) => {
  const group = program.command("policies").alias("policy").description(policy.description);
  addViewCommands(group, "policies", policyColumns, runner);
  const fields = payloadFields(policyCommands.propose.schema);
  const propose = group
    .command("propose <kind> [file]")
    .description(`${policyCommands.propose.description} FILE has the policy as JSON; options replace its fields.`);
  addPayloadOptions(propose, fields);
  propose.action((kind: string, file: string | undefined) =>
    runner.run(propose, async (cli) => {
      const written = file === undefined ? {} : await readDocument(cli.host, file);
      if (typeof written !== "object" || written === null || Array.isArray(written))
        throw usageFailure(`${file} must hold a JSON object: the fields of the policy by name`);
      const payload = { ...written, ...(await payloadOf(cli.host, propose, fields)) };
      return withClient(cli, async (client: Client) => {
        const accepted = await client.command("policy", kind, "propose", payload, { signal: cli.signal });
        reportAccepted(cli, accepted);
        cli.output.note("it comes into force if the vote approves it: `cim proposals list --filter kind=policy`");
        return exitCode.done;
      });
    }),
  );
  addPublicCommands(group, policy, runner);
};
