import type { HostReasons } from "../../contract/views/hosts.ts";
import { defined, type LogEntry } from "../../domain/kernel/mod.ts";
import { withClient } from "./connection.ts";
import { exitCode, usageFailure } from "./errors.ts";
import { noteExceptions } from "./freezes.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { ballotBranches } from "./round-text.ts";
import { integer } from "./settings.ts";
import { type Branch, countText, identityText, momentText, shortHash, treeLines } from "./text.ts";

type Part<K extends keyof HostReasons> = NonNullable<HostReasons[K]>;

const entryText = ({ time, actor, event, position }: LogEntry): string =>
  `${momentText(time)} by ${actor} (${event}, position ${position})`;

const optional = <T>(value: T | undefined, branch: (value: T) => ReadonlyArray<Branch>): ReadonlyArray<Branch> =>
  value === undefined ? [] : branch(value);

const running = ({ host, running, deployed, difference }: HostReasons): Branch => ({
  text: `${host} runs ${shortHash(running?.closure ?? "something unknown")}`,
  below: [
    ...optional(running, ({ since }) => [{ text: `since ${entryText(since)}` }]),
    ...optional(difference, ({ text, since }) => [
      { text: `DIFFERS: ${text}; ${since.actor} reported it at ${momentText(since.time)}` },
      ...optional(deployed, ({ closure, since: left }) => [
        { text: `deployed is ${shortHash(closure)}, since ${entryText(left)}` },
      ]),
    ]),
  ],
});

type Stop = NonNullable<Part<"deployment">["stop"]>;

const stopText = ({ reason, detail, by }: Stop): string =>
  `${reason}${by === undefined ? "" : ` by ${by}`}${detail === undefined ? "" : `: ${detail}`}`;

const deployment = (account: Part<"deployment">, node: string | undefined): Branch => {
  const { arrival, amendment, flake } = account;
  return {
    text: `put there by deployment ${account.id} (${account.status}, ${account.target})`,
    below: [
      { text: `requested ${entryText(account.requested)}` },
      {
        text: `graph ${account.graph} version ${account.graphVersion}, ${shortHash(account.graphDigest)}`,
        below: amendment === undefined ? [] : [{ text: `amended from version ${amendment.from} by the vote` }],
      },
      {
        text: `flake ${shortHash(account.flakeDigest)}`,
        below:
          flake === undefined
            ? []
            : [{ text: `generated ${momentText(flake.generated.time)}, ${countText(flake.files, "file")}` }],
      },
      { text: `closure ${shortHash(arrival.closure)}` },
      { text: `before ${shortHash(arrival.previous)}` },
      { text: `confirmed on the host ${entryText(arrival.confirmed)}` },
      ...(node === undefined ? [{ text: `carries ${account.nodes.join(", ") || "nothing"}` }] : []),
      ...optional(account.glass, ({ by, reason, broken, closed }) => [
        {
          text: `GLASS BROKEN ${entryText(broken)}: ${reason}`,
          below: [
            closed === undefined
              ? { text: `the review is open: somebody else than ${by} closes it` }
              : { text: `reviewed ${entryText(closed.entry)}: ${closed.conclusion}` },
          ],
        },
      ]),
      ...optional(account.stop, (stop) => [{ text: `stopped at ${momentText(stop.stopped.time)}: ${stopText(stop)}` }]),
    ],
  };
};

const ballot = ({
  voter,
  choice,
  weight,
  reason,
  conditions = [],
  replaced,
  cast,
}: Part<"decision">["ballots"][number]): Branch => ({
  text: `${voter}: ${choice}${weight === 1 ? "" : ` (weight ${weight})`}${replaced ? ", replaced later" : ""}, ${momentText(cast.time)} (position ${cast.position})`,
  below: [
    ...optional(reason, (text) => [{ text: `because ${text}` }]),
    ...conditions.map(({ text }) => ({ text: `on the condition: ${text}` })),
  ],
});

const decision = (account: Part<"decision">): Branch => {
  const { proposal, protocol, quorum, outcome, stopped, tally, decided } = account;
  return {
    text: `decided by proposal ${proposal}: ${outcome} (${protocol}, quorum ${quorum})`,
    below: [
      ...optional(stopped, (why) => [{ text: `because ${why}` }]),
      ...optional(decided, (entry) => [
        { text: `at ${momentText(entry.time)} (${entry.event}, position ${entry.position})` },
      ]),
      ...optional(tally, ({ approve, reject, abstain, total, quorumRequired }) => [
        {
          text: `${approve} for, ${reject} against, ${abstain} abstained of ${total}; ${quorumRequired} needed to vote`,
        },
      ]),
      ...ballotBranches(account, ballot),
    ],
  };
};

const amendments = (made: Part<"amendments">): ReadonlyArray<Branch> =>
  made.length === 0
    ? []
    : [
        {
          text: "amended by conditions of the vote",
          below: made.map(({ voter, condition, changes }) => ({
            text: `${voter}: ${condition}`,
            below: changes.map((text) => ({ text })),
          })),
        },
      ];

const discussion = ({ dialog, topic, turns }: Part<"discussion">): Branch => ({
  text: `discussed in dialog ${dialog}: ${topic}`,
  below: turns.map(({ speaker, text, findings, said }) => ({
    text: `${momentText(said.time)} ${speaker}: ${text}`,
    below: findings.map(({ rule, severity, message }) => ({ text: `${severity} ${rule}: ${message}` })),
  })),
});

const commit = ({
  position,
  version,
  time,
  actor,
  command,
  amends,
  event: last,
  cid,
  changes,
  moreChanges,
}: Part<"commits">[number]): Branch => ({
  text: `version ${version}: ${momentText(time)} by ${actor}, ${command} (position ${position})`,
  below: [
    ...(amends === undefined ? [] : [{ text: `because the vote on ${amends} depended on it` }]),
    ...changes.map(({ event, text }) => ({ text: `${text} (${event})` })),
    ...optional(moreChanges, (count) => [{ text: `and ${countText(count, "more change")}` }]),
    { text: `${last} has cid ${cid}` },
  ],
});

const commits = ({ host, node, deployment: put, commits: made, earlierCommits }: HostReasons): ReadonlyArray<Branch> =>
  optional(put, ({ graph }) => [
    {
      text: `what made ${node ?? host} so in graph ${graph}, newest first`,
      below: [
        ...made.map(commit),
        ...optional(earlierCommits, (count) => [{ text: `and ${countText(count, "earlier commit")}: raise --limit` }]),
      ],
    },
  ]);

const rolledBack = (gone: Part<"rolledBack">): ReadonlyArray<Branch> =>
  gone.length === 0
    ? []
    : [
        {
          text: "rolled back since, newest first",
          below: gone.map(({ id, status, graph, graphVersion, requested, stop, restored, reverted }) => ({
            text: `deployment ${id} (${status}) of ${graph} version ${graphVersion}`,
            below: [
              { text: `requested ${entryText(requested)}` },
              ...optional(stop, (why) => [{ text: `because ${stopText(why)}` }]),
              { text: `the host went back to ${shortHash(restored)} at ${momentText(reverted.time)}` },
            ],
          })),
        },
      ];

/** Why a host runs what it runs: from the closure back to the people who decided on it and made it. */
export const whyLines = (document: HostReasons): ReadonlyArray<string> => {
  const { node, deployment: put, decision: decided, discussion: discussed } = document;
  return treeLines([
    running(document),
    ...rolledBack(document.rolledBack),
    ...(put === undefined ? [{ text: "no deployment put this there: the host had it before the first one" }] : []),
    ...optional(put, (account) => [deployment(account, node)]),
    ...optional(decided, (account) => [decision(account)]),
    ...amendments(document.amendments),
    ...optional(discussed, (account) => [discussion(account)]),
    ...commits(document),
  ]);
};

/** `leaf-1` or `leaf-1/web`. */
const partOf = (text: string): { readonly host: string; readonly node: string | undefined } => {
  const [host = "", node, ...more] = text.split("/");
  if (host === "" || node === "" || more.length > 0)
    throw usageFailure(`why ${text}: write HOST or HOST/NODE, such as leaf-1/web-api`);
  return { host, node };
};

const explain =
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
      cli.output.result(whyLines(data));
      await noteExceptions(cli, client);
      cli.output.note(identityText(client.isClosed));
      return exitCode.done;
    });
  };

/** `cim why`: the way back from what runs to those who decided on it and made it. */
export const why: CommandGroup = (program, runner) => {
  program
    .command("why <host[/node]>")
    .description(
      "Explains why a host runs what it runs: the deployment, the vote, the dialog, and who changed the graph.",
    )
    .option("--limit <count>", "at most this number of commits of the graph (default: 200)", integer(1))
    .action((part: string, options: { limit?: number }, command) => runner.run(command, explain(part, options)));
};
