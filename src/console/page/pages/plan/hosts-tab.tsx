import { useState } from "react";
import { Button } from "../../design/button.tsx";
import { counted } from "../../design/counted.ts";
import { Hash } from "../../design/hash.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { To } from "../../design/to.tsx";
import { DataPanel } from "./data-panel.tsx";
import { HostPlanItem } from "./host-plan.tsx";
import { InputsPanel } from "./inputs-panel.tsx";
import classes from "./plan.module.css";
import { isUntouched, type PlanAnswer } from "./summary.ts";

/** Hosts that are shown at first: a plan may have a thousand. */
const atFirst = 50;

/** What happens on each host, wave after wave. */
export const HostsTab = ({ plan: { graph, graphVersion, waves, gone, data } }: { readonly plan: PlanAnswer }) => {
  const [most, setMost] = useState(atFirst);
  const total = waves.reduce((sum, wave) => sum + wave.filter((host) => !isUntouched(host)).length, 0);
  let shown = 0;
  return (
    <div className={classes.waves}>
      <DataPanel data={data} />
      <InputsPanel graph={graph} version={graphVersion} />
      {waves.map((wave, index) => {
        const touched = wave.filter((host) => !isUntouched(host));
        const untouched = wave.filter(isUntouched);
        const part = touched.slice(0, Math.max(0, most - shown));
        shown += touched.length;
        if (part.length === 0 && touched.length > 0) return null;
        return (
          <Panel key={index} title={`Wave ${index + 1}`} hint={counted(wave.length, "host")}>
            <List label={`Hosts of wave ${index + 1}`}>
              {part.map((plan) => (
                <HostPlanItem key={plan.host} plan={plan} />
              ))}
              {untouched.length > 0 && (
                <ListItem>
                  <span className={classes.quiet}>
                    stays as it is:{" "}
                    {untouched
                      .slice(0, atFirst)
                      .map(({ host }) => host)
                      .join(", ")}
                    {untouched.length > atFirst && ` and ${untouched.length - atFirst} more`}
                  </span>
                </ListItem>
              )}
            </List>
          </Panel>
        );
      })}
      {total > most && (
        <div>
          <Button onClick={() => setMost(most + atFirst)}>Show more of {total} hosts that change</Button>
        </div>
      )}
      {gone.length > 0 && (
        <Panel title="No longer in the graph" hint="a deployment leaves them as they are">
          <List label="Hosts that are no longer in the graph">
            {gone.slice(0, atFirst).map(({ host, was }) => (
              <ListItem key={host}>
                <p className={classes.line}>
                  <To href={`/fleet/hosts/${host}`} className={classes.host}>
                    {host}
                  </To>
                  <span className={classes.quiet}>runs on</span> <Hash text={was} name="closure" />
                </p>
              </ListItem>
            ))}
          </List>
        </Panel>
      )}
    </div>
  );
};
