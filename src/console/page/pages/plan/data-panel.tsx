import { type DataFate, fateText, isAtRisk, isLoss } from "../../../../domain/deployment/data/fate.ts";
import { counted } from "../../design/counted.ts";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./plan.module.css";

/** What becomes of the data on the hosts: a line for each node that is at risk, and a count of the others. */
export const DataPanel = ({ data }: { readonly data: ReadonlyArray<DataFate> }) => {
  const risks = data.filter(isAtRisk);
  const quiet = data.length - risks.length;
  if (data.length === 0) return null;
  return (
    <Panel title="Data" hint={quiet === 0 || risks.length === 0 ? "" : `of ${counted(quiet, "node")} stay as they are`}>
      {risks.length === 0 && <p>The data of {counted(quiet, "node")} stay as they are.</p>}
      {risks.length > 0 && (
        <List label="Data at risk">
          {risks.map((one) => (
            <ListItem key={`${one.host} ${one.node}`}>
              <p className={isLoss(one) ? classes.risk : classes.line}>
                <span aria-hidden="true">{isLoss(one) ? "✕ " : "! "}</span>
                <span>
                  <TextOf text={fateText(one)} />
                </span>
              </p>
            </ListItem>
          ))}
        </List>
      )}
    </Panel>
  );
};
