import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useDocuments } from "../../data/documents.tsx";
import { Badge, type Tone } from "../../design/badge.tsx";
import { Hash } from "../../design/hash.tsx";
import { Panel } from "../../design/list.tsx";
import { proofOf, type Verdict } from "./course.ts";
import classes from "./deployment.module.css";

const step = 50;

const words: Readonly<Record<Verdict, readonly [word: string, tone: Tone]>> = {
  same: ["same", "ok"],
  changed: ["changed", "moving"],
  "going-back": ["going back", "back"],
  untouched: ["untouched", "quiet"],
  unknown: ["unknown", "bad"],
};

const Shown = ({ path }: { readonly path: string | undefined }) =>
  path === undefined ? <span className={classes.quiet}>—</span> : <Hash text={path} name="closure" />;

/** What each host ran before the deployment and runs now. After a way back each has to be the same. */
export const ProofPanel = ({ deployment }: { readonly deployment: DocumentOf<"deployments"> }) => {
  const [shown, setShown] = useState(step);
  const { documents } = useDocuments("hosts");
  const running = new Map(
    [...documents].flatMap(([id, { closure }]) => (closure === undefined ? [] : [[id, closure] as const])),
  );
  const proofs = proofOf(deployment, running);
  const same = proofs.filter(({ verdict }) => verdict === "same").length;
  const isOver = deployment.status === "rolled-back" || deployment.status === "rollback-incomplete";
  return (
    <Panel
      title="Proof"
      hint={isOver ? `${same} of ${proofs.length} run exactly what they ran before` : "what each host runs"}
    >
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">host</th>
            <th scope="col">before</th>
            <th scope="col">now</th>
            <th scope="col">
              <span className="unseen">verdict</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {proofs.slice(0, shown).map(({ id, before, now, verdict }) => {
            const [word, tone] = words[verdict];
            return (
              <tr key={id}>
                <th scope="row">{id}</th>
                <td>
                  <Shown path={before} />
                </td>
                <td>
                  <Shown path={now} />
                </td>
                <td>
                  <Badge state={word} tone={tone} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {proofs.length > shown && (
        <button type="button" className={classes.link} onClick={() => setShown(shown + step)}>
          show more of {proofs.length}
        </button>
      )}
    </Panel>
  );
};
