import { lazy, Suspense, useMemo, useState } from "react";
import type { GraphChange } from "../../../domain/graph/contract.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { useDomain } from "../data/domain.ts";
import { useQuery } from "../data/query.ts";
import { Button } from "../design/button.tsx";

const TextView = lazy(() => import("./text/text-view.tsx"));

/** The revision of a graph that changes are made in. */
export interface Revision {
  readonly graph: string;
  readonly version: number;
}

const Diff = ({ graph, version, changes }: Revision & { readonly changes: ReadonlyArray<GraphChange> }) => {
  const { data } = useQuery("graphs", "get", { id: graph, version });
  const document = useMemo(
    () => data && defined({ id: data.id, description: data.description, nodes: data.nodes, edges: data.edges }),
    [data],
  );
  const texts = useDomain("textsAround", document, changes);
  if (texts === undefined) return <div aria-busy="true" />;
  return (
    <Suspense fallback={<div aria-busy="true" />}>
      <TextView label="What the condition changes in the graph" text={texts.after} before={texts.before} />
    </Suspense>
  );
};

/** What changes make of a graph, as a diff of its text, when one asks for it. */
export const ChangeDiff = (props: Revision & { readonly changes: ReadonlyArray<GraphChange> }) => {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button kind="quiet" pressed={isOpen} onClick={() => setOpen(!isOpen)}>
        As a diff
      </Button>
      {isOpen && <Diff {...props} />}
    </>
  );
};
