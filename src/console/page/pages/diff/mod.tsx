import { useMemo } from "react";
import { useSearchParams } from "wouter";
import { Button } from "../../design/button.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { asks } from "../../page.ts";
import { ComparedGraphs, ComparedHosts } from "./compared.tsx";
import classes from "./diff.module.css";
import { Pick } from "./pick.tsx";
import { type Side, sideOf, sideText } from "./side.ts";
import { type Found, useSide } from "./use-side.ts";

/** The command line and the request that show the same, as far as it is known what is compared. */
const screenOf = (before: Found, after: Found) => {
  if (before.state === "graph" && after.state === "graph") {
    const { graph: id, version } = after.at;
    return {
      cim: ["graph", "diff", ...[before, after].map(({ at }) => `${at.graph}@${at.version}`)],
      request: asks("graphs", "get", { id, version }),
    };
  }
  if (after.state !== "host") return {};
  const { id } = after.document;
  return { cim: ["hosts", "get", id], request: asks("hosts", "get", { id }) };
};

/** Two things side by side: versions of graphs, deployments, what runs, what is desired and observed of hosts. */
const Diff = () => {
  const [parameters, setParameters] = useSearchParams();
  const [left, right] = [parameters.get("left") ?? "", parameters.get("right") ?? ""];
  const sides = useMemo(() => [sideOf(left), sideOf(right)] as const, [left, right]);
  const before = useSide(sides[0]);
  const after = useSide(sides[1]);
  const set = (next: Readonly<Record<string, string>>) =>
    setParameters((old) => ({ ...Object.fromEntries(old), ...next }), { replace: true });
  useScreen(useMemo(() => screenOf(before, after), [before, after]));
  return (
    <div className={classes.page}>
      <PageHead
        title="Differences"
        actions={<Button onClick={() => set({ left: right, right: left })}>⇄ Swap</Button>}
      />
      <div className={classes.pick}>
        <Pick left={left} right={right} onChange={(one, other) => set({ left: one, right: other })} />
      </div>
      <Result
        sides={sides}
        given={[left, right]}
        before={before}
        after={after}
        tab={parameters.get("tab") ?? ""}
        onTab={(tab) => set({ tab })}
      />
    </div>
  );
};

const Result = ({
  sides: [left, right],
  given,
  before,
  after,
  tab,
  onTab,
}: {
  readonly sides: readonly [Side | undefined, Side | undefined];
  readonly given: readonly [string, string];
  readonly before: Found;
  readonly after: Found;
  readonly tab: string;
  readonly onTab: (tab: string) => void;
}) => {
  if (left === undefined || right === undefined) {
    const wrong = [left, right]
      .map((side, index) => (side === undefined ? given[index] : ""))
      .find((text) => text !== "");
    return wrong === undefined ? (
      <Empty title="Choose two things">
        Versions of a graph (<code>graphs/shop@12</code>), what a deployment deploys, what runs, or what is desired and
        observed of a host.
      </Empty>
    ) : (
      <Failure error={new Error(`There is nothing to compare under the name ${wrong}`)} />
    );
  }
  const failed = [before, after].find((found) => found.state === "failed");
  if (failed?.state === "failed") return <Failure error={failed.error} />;
  if (before.state === "loading" || after.state === "loading") return <div aria-busy="true" />;
  const shown = { tab, onTab };
  return (
    <>
      <p className={classes.quiet}>
        From {sideText(left)}
        {before.state === "graph" && left.kind !== "graph" && ` (version ${before.at.version})`} to {sideText(right)}
        {after.state === "graph" && right.kind !== "graph" && ` (version ${after.at.version})`}.
      </p>
      {before.state === "graph" && after.state === "graph" ? (
        <ComparedGraphs before={before} after={after} {...shown} />
      ) : before.state === "host" && after.state === "host" ? (
        <ComparedHosts before={before} after={after} isDrift={isDrift(left, right)} {...shown} />
      ) : (
        <Failure
          error={new Error("A host and a graph have nothing in common that could differ: choose two of a kind.")}
        />
      )}
    </>
  );
};

/** Whether the sides are what a host should be, and what it is. */
const isDrift = (left: Side, right: Side): boolean =>
  left.kind === "host" &&
  right.kind === "host" &&
  left.host === right.host &&
  left.state === "desired" &&
  right.state === "observed";

export default Diff;
