import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { deployingSteps } from "../../../../domain/deployment/steps.ts";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { counted } from "../../design/counted.ts";
import { Panel } from "../../design/list.tsx";
import { type Columns, Table } from "../../design/table.tsx";
import { currentWave, durationWords, isNotFine, type StepCell, stepCell, type WayBack, wayBackOf } from "./course.ts";
import classes from "./deployment.module.css";

type Deployment = DocumentOf<"deployments">;
type Host = Deployment["hosts"][number];
type Step = (typeof deployingSteps)[number];

const rowHeight = 36;
const mostRows = 12;

/** What a step is called while it is taken. */
const doing: Readonly<Record<Step, string>> = {
  recorded: "recording",
  built: "building",
  copied: "copying",
  activated: "activating",
  healthy: "checking",
  rebooted: "rebooting",
  confirmed: "confirming",
};

const StepShown = ({ cell: { state, milliseconds }, step }: { readonly cell: StepCell; readonly step: Step }) => {
  switch (state) {
    case "done":
      return (
        <span>
          <Badge state={step} tone="ok">
            <span className="unseen">{step}</span>
          </Badge>{" "}
          {milliseconds !== undefined && <span className={classes.quiet}>{durationWords(milliseconds)}</span>}
        </span>
      );
    case "failed":
      return <Badge state="failed" tone="bad" />;
    case "moving":
      return <Badge state={doing[step]} tone="moving" />;
    default:
      return null;
  }
};

const backWords: Readonly<Record<WayBack, string>> = {
  "not-needed": "nothing to undo",
  waits: "not put back",
  moving: "going back",
  reverted: "put back",
  unreachable: "unreachable",
};

const WayBackShown = ({ host, deployment }: { readonly host: Host; readonly deployment: Deployment }) => {
  const way = wayBackOf(host, deployment);
  if (way === undefined || way === "not-needed")
    return <span className={`${classes.back} ${classes.quiet}`}>{way === undefined ? "" : backWords[way]}</span>;
  const milliseconds = host.steps?.findLast(({ step }) => step === "reverted")?.milliseconds;
  return (
    <span className={classes.back}>
      <Badge state={way} tone={way === "unreachable" || way === "waits" ? "bad" : "back"}>
        {backWords[way]}
      </Badge>{" "}
      {milliseconds !== undefined && <span className={classes.quiet}>{durationWords(milliseconds)}</span>}
    </span>
  );
};

/** Few deployments reboot hosts. */
const stepsShown = ({ reboot }: Deployment): ReadonlyArray<Step> =>
  deployingSteps.filter((step) => step !== "rebooted" || reboot === true);

const columnsOf = (deployment: Deployment): Columns<Host> => {
  const wave = currentWave(deployment);
  const goesBack = deployment.hosts.some((host) => wayBackOf(host, deployment) !== undefined);
  return [
    { name: "host", cell: ({ id }) => id, width: "minmax(90px, 1.2fr)" },
    { name: "wave", cell: (host) => host.wave, width: "40px" },
    ...stepsShown(deployment).map((step) => ({
      name: step,
      cell: (host: Host) => <StepShown cell={stepCell(host, step, deployment, wave)} step={step} />,
      width: "minmax(64px, 1fr)",
      wide: true,
    })),
    {
      name: "is",
      cell: ({ status, failedAt }) => (
        <Badge
          state={failedAt === undefined ? status : `not ${failedAt}`}
          tone={failedAt === undefined ? toneOf(status) : "bad"}
        />
      ),
      width: "118px",
    },
    ...(goesBack
      ? [
          {
            name: "↩ way back",
            cell: (host: Host) => <WayBackShown host={host} deployment={deployment} />,
            width: "140px",
            wide: true,
          },
        ]
      : []),
  ];
};

const toneOf = (status: Host["status"]) => {
  if (status === "confirmed") return "ok";
  if (status === "reverted") return "back";
  if (status === "unreachable") return "bad";
  return status === "pending" ? "quiet" : "moving";
};

/** Waves × hosts × steps, as they move. Choosing a host shows its output. */
export const HostsGrid = ({
  deployment,
  chosen,
}: {
  readonly deployment: Deployment;
  readonly chosen: string | undefined;
}) => {
  const [isFiltered, setFiltered] = useState(false);
  const { id, hosts } = deployment;
  const sorted = hosts.toSorted((one, other) => one.wave - other.wave);
  const rows = isFiltered ? sorted.filter(isNotFine) : sorted;
  const waves = new Set(hosts.map(({ wave }) => wave)).size;
  return (
    <Panel
      title="Hosts"
      hint={`${counted(waves, "wave")} · ${counted(hosts.length, "host")}${chosen === undefined ? "" : ` · ${chosen} is chosen`}`}
      actions={
        <Button pressed={isFiltered} onClick={() => setFiltered(!isFiltered)}>
          Only what is not fine
        </Button>
      }
    >
      {rows.length === 0 ? (
        <p className={classes.quiet}>{hosts.length === 0 ? "No hosts are known yet." : "Every host is fine."}</p>
      ) : (
        <div className={classes.grid} style={{ height: (Math.min(mostRows, rows.length) + 1) * rowHeight + 3 }}>
          <Table
            label="Hosts and their steps"
            columns={columnsOf(deployment)}
            rows={rows}
            href={(host) => `/deployments/${id}?host=${host.id}`}
          />
        </div>
      )}
    </Panel>
  );
};
