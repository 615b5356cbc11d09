import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import type { Revision } from "../../parts/change-diff.tsx";
import { Conditions } from "../../parts/conditions.tsx";
import { revisionOf } from "../../parts/your-ballot.tsx";
import classes from "./decision.module.css";

type Proposal = DocumentOf<"proposals">;

/** The revision that the round after one was about; undefined if that is the newest. */
const nextOf = (rounds: NonNullable<Proposal["rounds"]>, round: number): Revision | undefined => {
  const next = rounds.find((one) => one.round === round + 1);
  return next && revisionOf(next);
};

/** Leads to what differs between the revisions of two rounds. */
const Between = ({ before, after }: { readonly before: Revision | undefined; readonly after: Revision | undefined }) =>
  before === undefined || after === undefined || before.version === after.version ? null : (
    <To
      href={`/diff?left=graphs/${before.graph}@${before.version}&right=graphs/${after.graph}@${after.version}`}
    >{`version ${before.version} → ${after.version}`}</To>
  );

/** The rounds that are over: how each came out, and what its conditions changed for the next one. */
export const RoundsPanel = ({
  rounds = [],
  now,
}: {
  readonly rounds?: Proposal["rounds"];
  /** The revision that the newest round is about. */
  readonly now: Revision | undefined;
}) =>
  rounds.length === 0 ? null : (
    <Panel title="Rounds before" hint="their ballots do not count any more">
      <ol className={classes.lines}>
        {rounds.toReversed().map(({ round, tally, ballots, conditions, endedAt, subject }) => (
          <li key={round}>
            <details>
              <summary>
                <strong>Round {round}</strong> on graph version {String(subject.graphVersion ?? "?")}: {tally.approve} :{" "}
                {tally.reject}, ended <Age at={endedAt} />
              </summary>
              <ul className={classes.lines}>
                {ballots.map(({ voter, choice, reason }) => (
                  <li key={voter}>
                    <TextOf text={voter} /> <Badge state={choice} /> {reason !== undefined && <TextOf text={reason} />}
                  </li>
                ))}
              </ul>
            </details>
            <p className={classes.quiet}>
              What changed after it: <Between before={revisionOf({ subject })} after={nextOf(rounds, round) ?? now} />
            </p>
            <Conditions conditions={conditions} revision={revisionOf({ subject })} />
          </li>
        ))}
      </ol>
    </Panel>
  );

/** What an approval depends on. */
export const ConditionsPanel = ({
  conditions = [],
  revision,
}: {
  readonly conditions?: Proposal["conditions"];
  readonly revision: Revision | undefined;
}) =>
  conditions.length === 0 ? null : (
    <Panel title="Conditions of the approval">
      <Conditions conditions={conditions} revision={revision} />
    </Panel>
  );

/** What exactly is decided on: the digests that the approval is bound to. */
export const SubjectPanel = ({ subject }: { readonly subject: Proposal["subject"] }) => (
  <Panel title="What is decided on" hint="an approval is bound to it">
    <dl className={classes.fields}>
      {Object.entries(subject).map(([name, value]) => (
        <div key={name}>
          <dt>
            <TextOf text={name} />
          </dt>
          <dd>
            {typeof value === "string" && /^sha256-[0-9a-f]{64}$/.test(value) ? (
              <Hash text={value} name={name} />
            ) : (
              <TextOf text={typeof value === "string" ? value : JSON.stringify(value)} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  </Panel>
);
