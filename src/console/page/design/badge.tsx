import type { ReactNode } from "react";
import classes from "./badge.module.css";

/** What a state means. Colour is never alone: each has a sign, and the badge has a word. */
export const tones = {
  ok: "✓",
  bad: "✕",
  warn: "!",
  moving: "◌",
  back: "↩",
  quiet: "·",
} as const;
export type Tone = keyof typeof tones;

/** The meaning of every state that documents have. A state that a newer backend has is quiet. */
const toneOfState: Readonly<Record<string, Tone>> = {
  // deployments
  requested: "moving",
  discussing: "moving",
  voting: "moving",
  generating: "moving",
  waiting: "warn",
  deploying: "moving",
  monitoring: "moving",
  succeeded: "ok",
  rejected: "bad",
  failed: "bad",
  cancelled: "quiet",
  "rolling-back": "back",
  "rolled-back": "back",
  "rollback-incomplete": "bad",
  // proposals
  pending: "quiet",
  active: "moving",
  amending: "moving",
  approved: "ok",
  "approved-with-conditions": "ok",
  enacted: "ok",
  expired: "warn",
  vetoed: "bad",
  withdrawn: "quiet",
  superseded: "quiet",
  void: "warn",
  // ballots
  approve: "ok",
  reject: "bad",
  abstain: "quiet",
  // dialogs
  open: "moving",
  paused: "warn",
  closed: "quiet",
  // tasks
  queued: "warn",
  assigned: "moving",
  acknowledged: "moving",
  "in-progress": "moving",
  completed: "ok",
  parked: "warn",
  retrying: "moving",
  // agents, hosts
  online: "ok",
  away: "warn",
  busy: "moving",
  offline: "quiet",
  healthy: "ok",
  unhealthy: "bad",
  unreachable: "bad",
  unknown: "quiet",
  // findings
  blocking: "bad",
  error: "bad",
  warning: "warn",
  note: "quiet",
};

/** Returns what a state of a document means. */
export const toneOf = (state: string): Tone => toneOfState[state] ?? "quiet";

/** A state: a sign, a word and a colour. Without `tone`, what the state means. */
export const Badge = ({
  state,
  tone = toneOf(state),
  children,
}: {
  readonly state: string;
  readonly tone?: Tone;
  /** What it says in place of the state's own name. */
  readonly children?: ReactNode;
}) => (
  <span className={`${classes.badge} ${classes[tone]}`}>
    <span aria-hidden="true">{tones[tone]}</span> {children ?? state.replaceAll("-", " ")}
  </span>
);
