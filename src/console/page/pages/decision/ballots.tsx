import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { Conditions } from "../../parts/conditions.tsx";
import classes from "./decision.module.css";

type Proposal = DocumentOf<"proposals">;
type Ballot = Proposal["ballots"][number];

interface Line {
  readonly voter: string;
  readonly weight: number;
  readonly publicKey?: string | undefined;
  readonly ballot?: Ballot | undefined;
}

/** Lines that are shown at once. An electorate may have thousands. */
const step = 100;

/** Those who have voted in the order of their ballots, then those who have not. */
const linesOf = ({ electorate, ballots }: Proposal): ReadonlyArray<Line> => {
  const members = new Map(electorate.map((member) => [member.id, member]));
  const voted = new Set(ballots.map(({ voter }) => voter));
  return [
    ...ballots.map((ballot) => {
      const { voter, weight } = ballot;
      return { voter, weight, publicKey: members.get(voter)?.publicKey, ballot };
    }),
    ...electorate
      .filter(({ id }) => !voted.has(id))
      .map(({ id, weight, publicKey }) => ({ voter: id, weight, publicKey })),
  ];
};

const Said = ({ ballot }: { readonly ballot: Ballot }) => (
  <>
    {ballot.reason !== undefined && <TextOf text={ballot.reason} lines />}
    <Conditions conditions={ballot.conditions ?? []} />
    {ballot.acceptsRemedies === true && <p className={classes.quiet}>also stands for the remedies offered by then</p>}
  </>
);

/** Who may vote, with what weight, and what they have said. While it is hidden, only who has voted. */
export const Ballots = ({
  proposal,
  me,
  isHidden,
  onShow,
}: {
  readonly proposal: Proposal;
  readonly me: string;
  readonly isHidden: boolean;
  readonly onShow: () => void;
}) => {
  const [shown, setShown] = useState(step);
  const { round, status } = proposal;
  const lines = linesOf(proposal);
  const isOver = status !== "active" && status !== "pending";
  const mark = (ballot: Ballot | undefined, voter: string) => {
    if (ballot === undefined) return <Badge state={isOver ? "did not vote" : "not yet"} tone="quiet" />;
    return isHidden && voter !== me ? <Badge state="has voted" tone="quiet" /> : <Badge state={ballot.choice} />;
  };
  return (
    <Panel
      title="Ballots"
      hint={round === undefined ? `${proposal.ballots.length} of ${lines.length}` : `round ${round}`}
      actions={
        isHidden && (
          <button type="button" className={classes.link} onClick={onShow}>
            show them anyway
          </button>
        )
      }
    >
      {isHidden && <p className={classes.note}>What others have voted is shown once you have voted yourself.</p>}
      {lines.length === 0 ? (
        <p className={classes.quiet}>Who may vote is fixed when voting opens.</p>
      ) : (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">voter</th>
              <th scope="col">ballot</th>
              <th scope="col">weight</th>
              <th scope="col">reason</th>
              <th scope="col">signature</th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, shown).map(({ voter, weight, publicKey, ballot }) => (
              <tr key={voter}>
                <th scope="row">
                  <TextOf text={voter} /> {voter === me && <span className={classes.quiet}>you</span>}
                </th>
                <td>{mark(ballot, voter)}</td>
                <td>{weight}</td>
                <td className={classes.said}>
                  {ballot !== undefined && (!isHidden || voter === me) && (
                    <>
                      <Said ballot={ballot} />{" "}
                      <span className={classes.quiet}>
                        <Age at={ballot.at} />
                      </span>
                    </>
                  )}
                </td>
                <td>
                  {ballot?.signedBy === undefined ? (
                    <span className={classes.quiet}>
                      {ballot !== undefined ? "not signed" : publicKey === undefined ? "no key" : "has a key"}
                    </span>
                  ) : (
                    <>
                      <Badge state="signed" tone="ok" /> <Hash text={ballot.signedBy} name="key" />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {lines.length > shown && (
        <button type="button" className={classes.link} onClick={() => setShown(shown + step)}>
          show more of {lines.length}
        </button>
      )}
    </Panel>
  );
};

/** Those who have no vote although they could have one, and why. */
export const ExcludedPanel = ({ excluded = [] }: { readonly excluded?: Proposal["excluded"] }) =>
  excluded.length === 0 ? null : (
    <Panel title="Without a vote" hint="four eyes">
      <ul className={classes.lines}>
        {excluded.map(({ id, reason }) => (
          <li key={`${id} ${reason}`}>
            <TextOf text={reason} />
          </li>
        ))}
      </ul>
    </Panel>
  );
