import { useMemo } from "react";
import type { GraphDocument } from "../../../../domain/graph/document.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useDomain } from "../../data/domain.ts";
import { useQuery } from "../../data/query.ts";
import { Badge } from "../../design/badge.tsx";
import { counted } from "../../design/counted.ts";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import classes from "./plan.module.css";

/** What the reference reviewers will ask for, by their own rules, which run in this browser. */
export const Reviews = ({ graph, version }: { readonly graph: string; readonly version: number }) => {
  const { data, error } = useQuery("graphs", "get", { id: graph, version });
  const document = useMemo((): GraphDocument | undefined => {
    if (data === undefined) return undefined;
    const { id, description, nodes, edges } = data;
    return defined({ id, description, nodes, edges });
  }, [data]);
  const findings = useDomain("findings", document);
  if (error !== undefined) return <Failure error={error} />;
  if (findings === undefined) return <div aria-busy="true" />;
  if (findings.length === 0)
    return (
      <Empty title="The reference reviewers will find nothing">
        Other reviewers may have rules of their own: they speak once the deployment is requested.
      </Empty>
    );
  return (
    <>
      <p className={classes.quiet}>
        By the rules of the reference reviewers. What blocks must be mended before anything is deployed:{" "}
        <To href={`/graphs/${graph}`}>design the graph</To>.
      </p>
      <List label="Expected findings">
        {findings.map(({ reviewer, rule, severity, nodes, edges, message, changes = [] }) => (
          <ListItem key={`${rule} ${nodes.join()} ${edges.join()} ${message}`}>
            <p className={classes.line}>
              <Badge state={severity} />
              <TextOf text={message} />
            </p>
            <p className={classes.quiet}>
              {reviewer} · <code>{rule}</code>
              {changes.length > 0 && ` · comes with a remedy of ${counted(changes.length, "change")}`}
            </p>
          </ListItem>
        ))}
      </List>
    </>
  );
};
