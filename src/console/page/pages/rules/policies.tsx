import { useState } from "react";
import type { AnswerOf, ItemOf } from "../../../../contract/views/mod.ts";
import { useAt } from "../../data/at.ts";
import { useCommand } from "../../data/command.ts";
import { useQuery } from "../../data/query.ts";
import { useRefusal } from "../../data/standing.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Code } from "../../design/code.tsx";
import { Failure } from "../../design/failure.tsx";
import { Hash } from "../../design/hash.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { Offer } from "../../parts/offer.tsx";
import { durationText, policyOf } from "./policy.ts";
import { ProposePolicy } from "./propose-policy.tsx";
import classes from "./rules.module.css";

type Policy = AnswerOf<"policies", "list">["items"][number];

/** Puts it to the vote whether a policy goes out of force. */
const Retire = ({ id }: { readonly id: string }) => {
  const retire = useCommand("policy", "propose-retirement");
  return (
    <>
      <Button busy={retire.isPending} onClick={() => void retire.give(id, {})} label={`Propose to retire ${id}`}>
        Propose to retire it
      </Button>
      {retire.error !== undefined && <Failure error={retire.error} />}
    </>
  );
};

const Line = ({ policy, onPropose }: { readonly policy: Policy; readonly onPropose: (() => void) | undefined }) => {
  const { id, version, digest, description, protocol, threshold, quorum, votingSeconds, shipped } = policy;
  const { requiredReviews = [], signedBallots, fourEyes, blockingVetoes } = policy;
  const more = [
    ...(requiredReviews.length > 0 ? [`needs the review of ${requiredReviews.join(", ")}`] : []),
    ...(blockingVetoes === true ? ["a blocking finding is a veto"] : []),
    ...(fourEyes === true ? ["four eyes"] : []),
    ...(signedBallots === true ? ["ballots are signed"] : []),
  ];
  return (
    <ListItem
      actions={
        onPropose !== undefined && (
          <>
            <Button onClick={onPropose} label={`Propose another policy for ${id}`}>
              Propose another
            </Button>
            {!shipped && <Retire id={id} />}
          </>
        )
      }
    >
      <p className={classes.line}>
        <strong>
          <TextOf text={id} />
        </strong>
        <Badge state={shipped ? "shipped" : "set"} tone={shipped ? "quiet" : "ok"}>
          {shipped ? "shipped" : `set, version ${version}`}
        </Badge>
        <Hash text={digest} name="digest of the policy" />
      </p>
      {description !== undefined && (
        <p>
          <TextOf text={description} />
        </p>
      )}
      <p className={classes.quiet}>
        {protocol.replaceAll("-", " ")}
        {threshold !== undefined && ` of ${threshold}`}; {quorum} must vote; {durationText(votingSeconds)}
        {more.map((one) => `; ${one}`)}
      </p>
      <details>
        <summary>The whole policy</summary>
        <Code text={JSON.stringify(policyOf(policy), null, 2)} label="Copy the policy" />
      </details>
    </ListItem>
  );
};

/** The policies in force, and the way to put another one to the vote. */
export const Policies = () => {
  const { data, error, isLoading } = useQuery("policies", "list", {}, { refresh: ["policy"] });
  const votes = useQuery(
    "proposals",
    "list",
    { filter: { kind: "policy", status: "active" }, limit: 100 },
    { refresh: ["proposal"] },
  ).data;
  const isLive = useAt() === undefined;
  const mayPropose = useRefusal("policy.propose", "change") === undefined && isLive;
  const [open, setOpen] = useState<Policy>();
  return (
    <div className={classes.stack} aria-busy={isLoading}>
      <p className={classes.quiet}>
        Each kind of proposal is decided by a policy. A vote brings another one into force; votes that are open keep the
        rules that they began with.
      </p>
      {isLive && (
        <Offer command="policy.propose" what="Proposing another policy">
          {null}
        </Offer>
      )}
      {error !== undefined && <Failure error={error} />}
      {votes?.items.map((vote: ItemOf<"proposals">) => (
        <p key={vote.id}>
          <Badge state="active">voting</Badge>{" "}
          <To href={`/decisions/${vote.id}`}>
            <TextOf text={vote.title ?? vote.id} />
          </To>
        </p>
      ))}
      {data !== undefined && (
        <List label="Policies in force">
          {data.items.map((policy) => (
            <Line key={policy.id} policy={policy} onPropose={mayPropose ? () => setOpen(policy) : undefined} />
          ))}
        </List>
      )}
      {open !== undefined && <ProposePolicy policy={open} onClose={() => setOpen(undefined)} />}
    </div>
  );
};
