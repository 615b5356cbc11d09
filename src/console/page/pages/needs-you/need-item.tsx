import type { ReactNode } from "react";
import { defined } from "../../../../domain/kernel/mod.ts";
import type { Need } from "../../data/needs.ts";
import { Age, TimeLeft } from "../../design/age.tsx";
import { Badge, type Tone } from "../../design/badge.tsx";
import { ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { CloseReview } from "../../parts/close-review.tsx";
import { withShortPaths } from "../../parts/short-paths.ts";
import {
  DriftActions,
  FailureActions,
  GrantActions,
  ParkedActions,
  TaskActions,
  TurnActions,
  WordActions,
} from "./actions.tsx";
import classes from "./need-item.module.css";
import { VoteActions } from "./vote-actions.tsx";

/** What a need is called, and how urgent it looks. */
const kinds: { readonly [K in Need["kind"]]: readonly [name: string, tone: Tone] } = {
  vote: ["vote", "moving"],
  word: ["the word is offered", "moving"],
  turn: ["asked", "moving"],
  review: ["glass broken", "bad"],
  drift: ["drift", "warn"],
  task: ["nobody can take it", "warn"],
  failed: ["failed", "bad"],
  grants: ["asks for a role", "warn"],
  parked: ["parked", "bad"],
};

/** What it is about, in a sentence with a link, and what one can do about it. */
const shown = (
  need: Need,
): { readonly href: string; readonly text: string; readonly detail?: ReactNode; readonly actions?: ReactNode } => {
  switch (need.kind) {
    case "vote": {
      const { id, title, ballots, electorate } = need.proposal;
      return {
        href: `/decisions/${id}`,
        text: title,
        detail: `${ballots.length} of ${electorate.length} have voted`,
        actions: <VoteActions proposal={need.proposal} />,
      };
    }
    case "word": {
      const { id, topic, handOff } = need.dialog;
      return {
        href: `/conversations/${id}`,
        text: topic,
        detail: (
          <>
            <TextOf text={handOff?.from ?? ""} /> offers you the word
          </>
        ),
        actions: <WordActions dialog={need.dialog} />,
      };
    }
    case "turn": {
      const { id, topic, turns } = need.dialog;
      const asked = turns.find(({ turn }) => turn === need.turn);
      return {
        href: `/conversations/${id}`,
        text: topic,
        detail: asked && (
          <>
            <TextOf text={asked.speaker} />: <TextOf text={asked.text} />
          </>
        ),
        actions: <TurnActions dialog={id} turn={need.turn} isAwaited={need.isAwaited} need={need.key} />,
      };
    }
    case "drift": {
      const { id, drifts } = need.host;
      return {
        href: `/fleet/hosts/${id}`,
        text: id,
        detail: drifts.map(({ drift, detail }) => (
          <span key={drift} className={classes.row}>
            <TextOf text={withShortPaths(detail)} />
          </span>
        )),
        actions: <DriftActions host={need.host} />,
      };
    }
    case "review": {
      const { deployment, by, reason } = need.review;
      return {
        href: `/deployments/${deployment}`,
        text: deployment,
        detail: (
          <>
            <TextOf text={by} /> deployed past what stood in the way: <TextOf text={reason} />
          </>
        ),
        actions: <CloseReview deployment={deployment} />,
      };
    }
    case "grants": {
      const { id, name, askedFor = [] } = need.agent;
      return {
        href: `/fleet/agents/${id}`,
        text: name ?? id,
        detail: `says that it can ${askedFor.join(", ")}, and may not`,
        actions: <GrantActions agent={id} grants={need.grants} />,
      };
    }
    case "task":
      return {
        href: `/fleet/tasks/${need.id}`,
        text: `${need.type} · ${need.id}`,
        detail: <TextOf text={need.waitsFor} />,
        actions: <TaskActions id={need.id} />,
      };
    case "failed": {
      const { id, status, detail, reason } = need.deployment;
      return {
        href: `/deployments/${id}`,
        text: id,
        detail: <TextOf text={detail ?? reason ?? status} />,
        actions: <FailureActions deployment={need.deployment} need={need.key} />,
      };
    }
    case "parked": {
      const { id, manager, reason } = need.step;
      return {
        href: "/audit",
        text: `${manager} gave a step up`,
        detail: <TextOf text={reason} />,
        actions: <ParkedActions id={id} />,
      };
    }
  }
};

/** One thing that waits for the person. */
export const NeedItem = ({ need }: { readonly need: Need }) => {
  const [name, tone] = need.kind === "failed" ? ([need.deployment.status, undefined] as const) : kinds[need.kind];
  const { href, text, detail, actions } = shown(need);
  return (
    <ListItem actions={actions}>
      <p className={classes.line}>
        <Badge state={name} {...defined({ tone })} />
        <To href={href} className={classes.link}>
          <TextOf text={text} />
        </To>
        <span className={classes.when}>
          {need.until !== undefined ? (
            <>
              ends in <TimeLeft until={need.until} />
            </>
          ) : (
            need.since !== undefined && need.since !== "" && <Age at={need.since} />
          )}
        </span>
      </p>
      {detail !== undefined && <p className={classes.detail}>{detail}</p>}
    </ListItem>
  );
};
