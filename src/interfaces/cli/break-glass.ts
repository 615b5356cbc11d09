import type { Client } from "../../agents/kit/mod.ts";
import type { LogHealth } from "../../contract/views/audit.ts";
import type { DeploymentDocument } from "../../contract/views/deployments.ts";
import { deploymentCommands } from "../../domain/deployment/contract.ts";
import { scopeText } from "../../domain/freeze/scope.ts";
import { giveSigned, reportAccepted } from "./aggregate-commands.ts";
import { unchecked, withClient } from "./connection.ts";
import { exitCode } from "./errors.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { signerFrom, signWith } from "./key.ts";

type OpenReview = NonNullable<LogHealth["openReviews"]>[number];

/** How the review of a broken glass is closed. */
const closing = (deployment: string): string =>
  `somebody else closes its review with \`cim review close ${deployment} --conclusion …\``;

/** A broken glass whose review is open, in a line. */
export const openReviewText = ({ deployment, by, reason, at }: OpenReview): string =>
  `GLASS BROKEN by ${by} for deployment ${deployment} at ${at}: ${reason}; ${closing(deployment)}`;

const openReviews = async (cli: Invocation, client: Client): Promise<ReadonlyArray<OpenReview>> => {
  const { data } = await client.query("audit", "health", {}, { signal: cli.signal });
  return data.openReviews ?? [];
};

/** Says on standard error which broken glass waits for its review. */
export const noteOpenReviews = async (cli: Invocation, client: Client): Promise<void> => {
  for (const review of await openReviews(cli, client)) cli.output.note(openReviewText(review));
};

type Glass = NonNullable<DeploymentDocument["glass"]>;

/** Who broke the glass for a deployment, what they passed by, and how its review stands; nothing if nobody did. */
export const glassLines = (id: string, glass: Glass | undefined): ReadonlyArray<string> => {
  if (glass === undefined) return [];
  const { by, reason, findings, freezes, closed } = glass;
  return [
    `GLASS BROKEN by ${by}: ${reason}`,
    ...findings.map(({ reviewer, rule, message }) => `  past what ${reviewer} found, ${rule}: ${message}`),
    ...freezes.map(({ freeze, since }) => `  past the freeze of ${scopeText(freeze)} since ${since}`),
    closed === undefined ? `  ${closing(id)}` : `  reviewed by ${closed.by}: ${closed.conclusion}`,
  ];
};

/** Breaks the glass for what the deployment is about now. */
const breakGlass = (id: string, reason: string, file: string | undefined) => async (cli: Invocation) => {
  const signer = file === undefined ? undefined : await signerFrom(file);
  const give = async (client: Client) => {
    const { data, position } = await client.query("deployments", "get", { id }, { signal: cli.signal });
    const { graphDigest, flakeDigest } = data;
    const payload = { reason, graphDigest, flakeDigest };
    const accepted = await unchecked(client)("deployment", id, "break-glass", payload, { signal: cli.signal });
    reportAccepted(cli, accepted);
    const minPosition = Math.max(position, accepted.position);
    const after = await client.query("deployments", "get", { id }, { minPosition, signal: cli.signal });
    for (const line of glassLines(id, after.data.glass)) cli.output.note(line);
    return exitCode.done;
  };
  return withClient(cli, give, signer);
};

/** `cim break-glass`: deploys past what is in the way. */
export const breaking: CommandGroup = (program, runner) => {
  program
    .command("break-glass <deployment>")
    .description(deploymentCommands["break-glass"].description)
    .requiredOption("--reason <text>", "why")
    .option(...signWith)
    .action((id: string, { reason, signWith: file }: { reason: string; signWith?: string }, command) =>
      runner.run(command, breakGlass(id, reason, file)),
    );
};

const list = (cli: Invocation) =>
  withClient(cli, async (client) => {
    const open = await openReviews(cli, client);
    if (cli.output.json) cli.output.document({ items: open });
    cli.output.result(open.length === 0 ? "no review is open" : open.map(openReviewText));
    return exitCode.done;
  });

/** `cim review`: the reviews of broken glasses. */
export const review: CommandGroup = (program, runner) => {
  const group = program.command("review").description("Reviews of broken glasses, which somebody else closes.");
  group
    .command("list")
    .description("Lists the reviews that are open: until they are closed, the glass cannot be broken again.")
    .action((_options, command) => runner.run(command, list));
  group
    .command("close <deployment>")
    .description(deploymentCommands["close-review"].description)
    .requiredOption("--conclusion <text>", "what came of it")
    .action((id: string, { conclusion }: { conclusion: string }, command) =>
      runner.run(command, (cli) =>
        giveSigned(cli, undefined, {
          aggregate: "deployment",
          id,
          command: "close-review",
          payload: { conclusion },
        }),
      ),
    );
};
