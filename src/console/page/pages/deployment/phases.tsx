import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { Badge, type Tone, tones } from "../../design/badge.tsx";
import { counted } from "../../design/counted.ts";
import { durationWords } from "./course.ts";
import classes from "./deployment.module.css";

type Deployment = DocumentOf<"deployments">;

interface Phase {
  readonly name: string;
  readonly tone: Tone;
  readonly says: string;
  readonly milliseconds?: number | undefined;
}

/** The phases of a deployment in their order, each with how it went. */
export const phasesOf = (deployment: Deployment): ReadonlyArray<Phase> => {
  const { status, phases, graphVersion, findings, ballots, round, flakeDigest, hosts, outcome } = deployment;
  const toneOf = (phase: Deployment["status"], isBad = false): Tone => {
    if (isBad) return "bad";
    if (status === phase) return "moving";
    return phases[phase] === undefined ? "quiet" : "ok";
  };
  const notReached = (phase: Deployment["status"]) => status !== phase && phases[phase] === undefined;
  const through = hosts.filter((host) => host.steps?.some(({ step }) => step === "confirmed")).length;
  const touched = hosts.filter(({ previous }) => previous !== undefined);
  const back = hosts.filter((host) => host.status === "reverted");
  const goesBack = status === "rolling-back" || phases["rolling-back"] !== undefined;
  const isFailed = hosts.some(({ failedAt }) => failedAt !== undefined);
  const approvals = ballots.filter(({ choice }) => choice === "approve").length;
  const isRejected = status === "rejected" || outcome === "rejected" || outcome === "vetoed" || outcome === "expired";
  return [
    { name: "Design", tone: "ok", says: `v ${graphVersion}` },
    {
      name: "Discuss",
      tone: toneOf("discussing"),
      says: notReached("discussing") ? "not reached" : counted(findings.length, "finding"),
      milliseconds: phases.discussing,
    },
    {
      name: "Agree",
      tone: toneOf("voting", isRejected),
      says: notReached("voting")
        ? "not reached"
        : `${approvals} of ${ballots.length}${round === undefined ? "" : ` · round ${round}`}`,
      milliseconds: phases.voting,
    },
    {
      name: "Generate",
      tone: toneOf("generating"),
      says: notReached("generating") ? "not reached" : flakeDigest.replace(/^sha256-/, "").slice(0, 8),
      milliseconds: phases.generating,
    },
    ...(status === "waiting" || phases.waiting !== undefined
      ? [
          {
            name: "Wait",
            tone: toneOf("waiting"),
            says: status === "waiting" ? "waits" : "over",
            milliseconds: phases.waiting,
          },
        ]
      : []),
    {
      name: "Deploy",
      tone: toneOf("deploying", isFailed),
      says: notReached("deploying") ? "not reached" : `${through} of ${counted(hosts.length, "host")}`,
      milliseconds: phases.deploying,
    },
    {
      name: "Monitor",
      tone: toneOf("monitoring"),
      says: notReached("monitoring") ? "not reached" : status === "monitoring" ? "watches" : "over",
      milliseconds: phases.monitoring,
    },
    ...(goesBack
      ? [
          {
            name: "Roll back",
            tone: status === "rollback-incomplete" ? ("bad" as const) : ("back" as const),
            says: `${back.length} of ${counted(touched.length, "host")}`,
            milliseconds: phases["rolling-back"],
          },
        ]
      : []),
  ];
};

/** The phases beside each other. */
export const Phases = ({ deployment }: { readonly deployment: Deployment }) => (
  <ol className={classes.phases} aria-label="Phases">
    {phasesOf(deployment).map(({ name, tone, says, milliseconds }) => (
      <li key={name}>
        <strong>
          <span aria-hidden="true">{tones[tone]} </span>
          {name}
        </strong>
        <Badge state={says} tone={tone}>
          {says}
        </Badge>
        <span className={classes.quiet}>{milliseconds === undefined ? "" : durationWords(milliseconds)}</span>
      </li>
    ))}
  </ol>
);
