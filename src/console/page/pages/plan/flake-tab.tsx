import { useMemo, useState } from "react";
import { useDocuments } from "../../data/documents.tsx";
import { Select } from "../../design/field.tsx";
import { runningVersions } from "../../parts/running.ts";
import { Flake } from "../../parts/text/flake.tsx";
import classes from "./plan.module.css";

const nothing = "nothing: the text alone";
const nameOf = (version: number): string => `version ${version}, which runs`;

/** The text of the flake, and what differs from what runs. */
export const FlakeTab = ({ graph, version }: { readonly graph: string; readonly version: number }) => {
  const { documents, isLoading } = useDocuments("hosts");
  const running = useMemo(() => runningVersions(graph, documents.values()), [graph, documents]);
  const [chosen, setChosen] = useState<string>();
  if (isLoading) return <div aria-busy="true" />;
  const choices = [...running.map(nameOf), nothing];
  const value = chosen !== undefined && choices.includes(chosen) ? chosen : (choices[0] ?? nothing);
  const before = running.find((one) => nameOf(one) === value);
  return (
    <div className={classes.page}>
      {running.length === 0 ? (
        <p className={classes.quiet}>Nothing of this graph runs yet, so there is nothing to compare with.</p>
      ) : (
        <Select label="Compared with" value={value} choices={choices} onChange={setChosen} />
      )}
      <Flake of={{ graph, version }} before={before === undefined ? undefined : { graph, version: before }} />
    </div>
  );
};
