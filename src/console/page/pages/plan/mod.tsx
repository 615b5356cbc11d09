import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import { defined } from "../../../../domain/kernel/mod.ts";
import { useAt } from "../../data/at.ts";
import { useQuery } from "../../data/query.ts";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { Hash } from "../../design/hash.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { RequestDialog } from "../../parts/request/request-dialog.tsx";
import { FlakeTab } from "./flake-tab.tsx";
import { HostsTab } from "./hosts-tab.tsx";
import classes from "./plan.module.css";
import { Reviews } from "./reviews.tsx";
import { summaryOf, summaryText } from "./summary.ts";

/** `?version=` of the address; undefined: the newest. */
const useVersion = (): number | undefined => {
  const text = useSearchParams()[0].get("version") ?? "";
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
};

/** What a deployment of a graph would change, before anything is asked for. */
const Plan = ({ graph }: { readonly graph: string }) => {
  const version = useVersion();
  const isPast = useAt() !== undefined;
  const input = useMemo(() => ({ graph, ...defined({ version }) }), [graph, version]);
  const { data: plan, error } = useQuery("deployments", "plan", input, { refresh: ["graph", "host", "deployment"] });
  const [parameters, setParameters] = useSearchParams();
  const [isRequesting, setRequesting] = useState(false);
  useScreen(
    useMemo(
      () => ({
        cim: ["plan", `${graph}@${version ?? "latest"}`, "--reviews"],
        request: { view: "deployments", operation: "plan", input },
        commands: isPast ? [] : [{ name: "Request this deployment", run: () => setRequesting(true) }],
      }),
      [graph, version, input, isPast],
    ),
  );
  const head = (
    <>
      {version !== undefined && <Badge state={`version ${version}`} tone="quiet" />}
      <To href={`/graphs/${graph}`}>the graph</To>
    </>
  );
  if (plan === undefined)
    return (
      <div className={classes.page} aria-busy={error === undefined}>
        <PageHead title={`Plan of ${graph}`}>{head}</PageHead>
        {error !== undefined && <Failure error={error} />}
      </div>
    );
  const summary = summaryOf(plan);
  const hosts = plan.waves.flat().map(({ host }) => host);
  const tab = parameters.get("tab") ?? "hosts";
  const openTab = (key: string) =>
    setParameters((before) => ({ ...Object.fromEntries(before), tab: key }), { replace: true });
  return (
    <div className={classes.page}>
      <PageHead
        title={`Plan of ${graph}`}
        actions={
          !isPast && (
            <Button kind="main" onClick={() => setRequesting(true)}>
              Request this deployment
            </Button>
          )
        }
      >
        <Badge state={`version ${plan.graphVersion}`} tone="quiet" />
        {summary.risks > 0 && (
          <Badge state="data at risk" tone="bad">
            {summary.risks === 1 ? "data of 1 node at risk" : `data of ${summary.risks} nodes at risk`}
          </Badge>
        )}
        <To href={`/graphs/${graph}`}>the graph</To>
        <To href={`/diff?left=running/${graph}&right=graphs/${graph}@${plan.graphVersion}`}>compared with what runs</To>
      </PageHead>
      {error !== undefined && <Failure error={error} />}
      <p>
        {summaryText(summary)} <span className={classes.quiet}>Nothing is touched before it is approved.</span>
      </p>
      <Tabs
        label="Parts of the plan"
        value={["hosts", "reviews", "flake"].includes(tab) ? tab : "hosts"}
        onChange={openTab}
        tabs={[
          { key: "hosts", name: "Hosts", content: <HostsTab plan={plan} /> },
          { key: "reviews", name: "Reviews", content: <Reviews graph={graph} version={plan.graphVersion} /> },
          { key: "flake", name: "Flake", content: <FlakeTab graph={graph} version={plan.graphVersion} /> },
        ]}
      />
      <p className={classes.quiet}>
        Graph <Hash text={plan.graphDigest} name="digest of the graph" /> becomes flake{" "}
        <Hash text={plan.flakeDigest} name="digest of the flake" />
      </p>
      {isRequesting && (
        <RequestDialog
          graph={graph}
          version={plan.graphVersion}
          hosts={hosts}
          risks={summary.risks}
          onClose={() => setRequesting(false)}
        />
      )}
    </div>
  );
};

export default Plan;
