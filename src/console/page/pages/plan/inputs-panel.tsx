import { useQuery } from "../../data/query.ts";
import { Badge } from "../../design/badge.tsx";
import { Failure } from "../../design/failure.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./plan.module.css";

/** Where the inputs of the flake come from, and which of them a deployer pins before the review. */
export const InputsPanel = ({ graph, version }: { readonly graph: string; readonly version: number }) => {
  const { data, error } = useQuery("graphs", "inputs", { id: graph, version }, { refresh: ["graph"] });
  if (error !== undefined) return <Failure error={error} />;
  if (data === undefined || data === null || data.inputs.length === 0) return null;
  const open = data.inputs.filter(({ pinnedBy }) => pinnedBy === undefined);
  return (
    <Panel title="Inputs" hint={open.length === 0 ? "all pinned" : `${open.length} not pinned`}>
      <List label="Inputs of the flake">
        {data.inputs.map(({ name, reference, pinnedBy }) => (
          <ListItem key={name}>
            <p>
              <strong>
                <TextOf text={name} />
              </strong>{" "}
              <code>
                <TextOf text={reference} />
              </code>{" "}
              {pinnedBy === undefined ? (
                <Badge state="not pinned" tone="warn" />
              ) : (
                <Badge state="pinned" tone="quiet">{`pinned by the ${pinnedBy}`}</Badge>
              )}
            </p>
          </ListItem>
        ))}
      </List>
      {open.length > 0 && (
        <p className={classes.quiet}>
          Before the review, a deployer finds out what these mean now and pins that in the graph, unless the request
          says that they may stay unpinned. On simulated hosts nothing is pinned. <code>cim graph pin {graph}</code>{" "}
          does it ahead.
        </p>
      )}
    </Panel>
  );
};
