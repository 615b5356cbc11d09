import { useMemo } from "react";
import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { provenanceText } from "../../../../domain/kernel/provenance.ts";
import { systemSpace } from "../../../../domain/knowledge/policy.ts";
import { useAt } from "../../data/at.ts";
import { useQuery } from "../../data/query.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Stack } from "../../design/columns.tsx";
import { Failure } from "../../design/failure.tsx";
import { Hash } from "../../design/hash.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { EvidencePanel } from "./evidence.tsx";
import { FactState, percent } from "./facts.tsx";
import classes from "./knowledge.module.css";
import { Resolve } from "./resolve.tsx";

type Account = AnswerOf<"knowledge", "why">;
type Entry = AnswerOf<"knowledge", "history">["items"][number];

/** A stamp begins with its moment. */
const momentOf = (stamp: string): string => stamp.slice(0, 24);

/** What the author said, and from where. */
const Said = ({
  space,
  fact,
  position,
}: {
  readonly space: string;
  readonly fact: Account["fact"];
  readonly position: number | undefined;
}) => (
  <dl className={classes.facts}>
    <dt>said by</dt>
    <dd>
      <TextOf text={fact.author} />, <Age at={momentOf(fact.stamp)} />
    </dd>
    <dt>sure</dt>
    <dd>
      {percent(fact.asserted)} by its author, {percent(fact.confidence)} by trust and evidence
    </dd>
    <dt>evidence</dt>
    <dd>
      {fact.supports} for it, {fact.disputes} against it
    </dd>
    {fact.source !== undefined && (
      <>
        <dt>source</dt>
        <dd>
          <TextOf text={fact.source} />
        </dd>
      </>
    )}
    <dt>provenance</dt>
    <dd>
      <TextOf text={(fact.provenance && provenanceText(fact.provenance)) ?? "its author says nothing"} />
    </dd>
    <dt>around it</dt>
    <dd>
      <To href={`/knowledge/${space}?tab=around&entity=${encodeURIComponent(fact.subject)}`}>
        <TextOf text={fact.subject} />
      </To>{" "}
      ·{" "}
      <To href={`/knowledge/${space}?tab=around&entity=${encodeURIComponent(String(fact.object))}`}>
        <TextOf text={String(fact.object)} />
      </To>
    </dd>
    {position !== undefined && (
      <>
        <dt>position</dt>
        <dd>{position}</dd>
      </>
    )}
    <dt>id</dt>
    <dd>
      <Hash text={fact.id} name="id of the fact" />
    </dd>
  </dl>
);

/** The facts of which only one can hold, side by side, and the rule that decided. */
const Conflict = ({
  space,
  fact,
  resolution,
  isLive,
}: {
  readonly space: string;
  readonly fact: Account["fact"];
  readonly resolution: NonNullable<Account["resolution"]>;
  readonly isLive: boolean;
}) => (
  <Panel
    title="Conflict"
    hint={`only one can hold; decided by ${resolution.strategy}`}
    actions={isLive && space !== systemSpace && <Resolve space={space} fact={fact} by={resolution.strategy} />}
  >
    <p>
      <TextOf text={resolution.why} />
    </p>
    <ul className={classes.candidates} aria-label="Facts of which one can hold">
      {resolution.candidates.map(({ id, object, author, stamp, confidence }) => (
        <li
          key={id}
          className={id === resolution.winner ? `${classes.candidate} ${classes.winner}` : classes.candidate}
        >
          <p>{id === resolution.winner ? <Badge state="holds" tone="ok" /> : <Badge state="lost" tone="quiet" />}</p>
          <p>
            {id === fact.id ? (
              <strong>
                <TextOf text={String(object)} /> (this one)
              </strong>
            ) : (
              <To href={`/knowledge/${space}/facts/${id}`}>
                <TextOf text={String(object)} />
              </To>
            )}
          </p>
          <p>
            {percent(confidence)} · <TextOf text={author} /> · <Age at={momentOf(stamp)} />
          </p>
        </li>
      ))}
    </ul>
  </Panel>
);

/** What a record says, in a line. */
const recordLine = ({ record }: Entry): string => {
  switch (record.kind) {
    case "fact":
      return record.source === undefined ? "" : `source ${record.source}`;
    case "retraction":
      return record.reason ?? "";
    case "evidence":
      return [record.evidence, record.note ?? ""].filter((part) => part !== "").join(": ");
    case "belief":
      return [`believes it to ${percent(record.degree)}`, record.reason ?? ""].filter((part) => part !== "").join(": ");
    case "settlement":
      return `the vote ${record.proposal} decided`;
    case "revocation":
      return `the key ${record.publicKey} was revoked: ${record.reason}`;
  }
};

const badgeOf = ({ record }: Entry) => {
  if (record.kind === "fact") return <Badge state="asserted" tone="ok" />;
  if (record.kind === "retraction") return <Badge state="retracted" tone="warn" />;
  if (record.kind === "revocation") return <Badge state="revoked" tone="bad" />;
  if (record.kind === "evidence")
    return record.verdict === "support" ? <Badge state="supported" tone="ok" /> : <Badge state="disputed" tone="bad" />;
  return <Badge state={record.kind} tone="quiet" />;
};

/** What was said about the fact, in the order of time, each with its place in the log. */
const History = ({ items }: { readonly items: ReadonlyArray<Entry> }) => (
  <Panel title="What was said about it" hint="each is a record in the log">
    <List label="History of the fact">
      {items.map((entry) => (
        <ListItem
          key={entry.id}
          actions={
            entry.position !== undefined && (
              <a href={`?at=${entry.position}`} aria-label={`As it was at position ${entry.position}`}>
                position {entry.position}
              </a>
            )
          }
        >
          {badgeOf(entry)} by <TextOf text={entry.record.author} />, <Age at={momentOf(entry.record.stamp)} />
          {recordLine(entry) !== "" && " · "}
          <TextOf text={recordLine(entry)} />
          {entry.signature !== undefined && (
            <p className={classes.quiet}>
              signed with <Hash text={entry.signature.publicKey} name="public key" />
            </p>
          )}
        </ListItem>
      ))}
    </List>
  </Panel>
);

/** A fact: who says it and from where, why it has its confidence, what it competes with, and its history. */
const Fact = ({ id: space, fact: id }: { readonly id: string; readonly fact: string }) => {
  const input = useMemo(() => ({ space, fact: id }), [space, id]);
  const isLive = useAt() === undefined;
  const { data: account, error } = useQuery("knowledge", "why", input, { refresh: ["knowledge"] });
  const known = useQuery("knowledge", "fact", input, { refresh: ["knowledge"] }).data;
  const history = useQuery("knowledge", "history", input, { refresh: ["knowledge"] }).data;
  if (error !== undefined)
    return (
      <>
        <PageHead title={`Fact ${id.slice(0, 8)}`} />
        <Failure error={error} />
      </>
    );
  if (account === undefined) return <div aria-busy="true" />;
  const { fact, resolution, text, trust } = account;
  return (
    <>
      <PageHead
        title={<TextOf text={`${fact.subject} ${fact.predicate} ${String(fact.object)}`} />}
        actions={<To href={`/knowledge/${space}`}>All of {space}</To>}
      >
        <FactState fact={fact} />
        <span className={classes.quiet}>confidence {percent(fact.confidence)}</span>
      </PageHead>
      <Stack>
        <Panel title="Who says so">
          <Said space={space} fact={fact} position={known?.position} />
        </Panel>
        {resolution !== undefined && resolution.candidates.length > 1 && (
          <Conflict space={space} fact={fact} resolution={resolution} isLive={isLive} />
        )}
        <Panel title="Why this confidence">
          {text.map((line) => (
            <p key={line}>
              <TextOf text={line} />
            </p>
          ))}
          <ul>
            {trust.map((one) => (
              <li key={one.author}>
                <TextOf text={one.author} />: trust {one.trust.toFixed(2)}
              </li>
            ))}
          </ul>
        </Panel>
        {history !== undefined && <History items={history.items} />}
        {isLive && !fact.retracted && <EvidencePanel key={fact.id} space={space} fact={fact} />}
      </Stack>
    </>
  );
};

export default Fact;
