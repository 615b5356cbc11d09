import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { defined, type LogEntry } from "../../../../domain/kernel/mod.ts";
import type { Tone } from "../../design/badge.tsx";

type Reasons = AnswerOf<"hosts", "why">;

/** A step of the way back from what runs on a host. `href` leads to what it is about, `id` is its event. */
export interface Reason {
  readonly id: string;
  readonly entry: LogEntry;
  readonly state: string;
  readonly tone: Tone;
  readonly text: string;
  readonly href?: string;
}

/** Whether a ballot counted: not cast again, not struck, not of a round that is over. */
const stands = ({ replaced, lapsed, struck }: NonNullable<Reasons["decision"]>["ballots"][number]): boolean =>
  !replaced && lapsed !== true && struck === undefined;

/** Returns in one sentence why the host runs what it runs. */
export const whySentence = ({ running, deployed, difference, deployment, decision }: Reasons): string => {
  if (difference !== undefined) return `${difference.text}, reported by ${difference.since.actor}`;
  if (deployment === undefined)
    return deployed === undefined || running === undefined
      ? "nothing was deployed here yet"
      : "it runs what it ran before any deployment: every deployment here was rolled back";
  const { graph, graphVersion, id, requested } = deployment;
  const votes = (decision?.ballots ?? []).filter((ballot) => stands(ballot) && ballot.choice === "approve").length;
  const agreed = decision === undefined ? "" : `, and ${votes} of ${decision.electorate.length} voters approved it`;
  return `deployment ${id} of ${graph} v ${graphVersion} put it there: ${requested.actor} asked for it${agreed}`;
};

const step = (entry: LogEntry, state: string, tone: Tone, text: string, href?: string): Reason => ({
  id: entry.event,
  entry,
  state,
  tone,
  text,
  ...defined({ href }),
});

/** Returns what led to what a host runs, the newest first: each is an event of the log. */
export const reasonsOf = (reasons: Reasons): ReadonlyArray<Reason> => {
  const { deployment, decision, discussion, amendments, rolledBack, commits, difference } = reasons;
  const found: Array<Reason> = [];
  if (difference !== undefined) found.push(step(difference.since, "seen", "warn", difference.text));
  for (const { id, graph, graphVersion, stop, reverted } of rolledBack)
    found.push(
      step(
        reverted,
        "rolled back",
        "back",
        `${id} (${graph} v ${graphVersion}): ${stop?.detail ?? stop?.reason ?? "taken back"}`,
        `/deployments/${id}`,
      ),
    );
  if (deployment !== undefined) {
    const { id, graph, graphVersion, requested, arrival } = deployment;
    found.push(step(arrival.confirmed, "confirmed", "ok", `${id} arrived on this host`, `/deployments/${id}`));
    found.push(step(requested, "requested", "quiet", `${graph} v ${graphVersion}`, `/deployments/${id}`));
  }
  if (decision !== undefined) {
    const href = `/decisions/${decision.proposal}`;
    if (decision.decided !== undefined)
      found.push(step(decision.decided, decision.outcome, "ok", "the vote was over", href));
    for (const { voter, choice, reason, cast } of decision.ballots.filter(stands))
      found.push(
        step(cast, choice, choice === "approve" ? "ok" : choice === "reject" ? "bad" : "quiet", reason ?? voter, href),
      );
  }
  for (const { turn, text, findings, said } of discussion?.turns ?? [])
    found.push(
      step(
        said,
        findings.length === 0 ? `turn ${turn}` : `found ${findings.length}`,
        "quiet",
        findings.length === 0 ? text : findings.map(({ message }) => message).join(" · "),
        `/conversations/${discussion?.dialog}`,
      ),
    );
  for (const { position, time, actor, event, cid, changes, amends, version } of commits)
    found.push(
      step(
        { event, position, time, actor, cid },
        amends === undefined ? "changed" : "amended",
        "quiet",
        `v ${version}: ${changes.map(({ text }) => text).join(" · ")}`,
        `/graphs/${deployment?.graph ?? ""}?version=${version}`,
      ),
    );
  const amended = new Set(amendments.map(({ voter }) => voter));
  return found
    .map((one) =>
      one.state === "approve" && amended.has(one.entry.actor)
        ? { ...one, text: `${one.text}, with a condition that changed the graph` }
        : one,
    )
    .toSorted((one, other) => other.entry.position - one.entry.position);
};
