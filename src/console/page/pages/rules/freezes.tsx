import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { UnderWay } from "../../../../domain/freeze/contract.ts";
import { freezeIdOf, scopeText } from "../../../../domain/freeze/scope.ts";
import { useAt } from "../../data/at.ts";
import { useCommand } from "../../data/command.ts";
import { useDocuments } from "../../data/documents.tsx";
import { useRefusal } from "../../data/standing.tsx";
import { useTyped } from "../../data/typed.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { Field, Select } from "../../design/field.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { Offer } from "../../parts/offer.tsx";
import classes from "./rules.module.css";

type Freeze = DocumentOf<"freezes">;

const scopes = ["everything", "graph", "host"] as const;

/** Freezes everything, a graph or a host. */
const NewFreeze = () => {
  const [is, setIs] = useState<(typeof scopes)[number]>("everything");
  const [name, setName] = useTyped("new-freeze/name");
  const [reason, setReason] = useTyped("new-freeze/reason");
  const [underWay, setUnderWay] = useState<UnderWay>("finish-host");
  const freeze = useCommand("freeze", "freeze");
  const isReady = reason.trim() !== "" && (is === "everything" || name.trim() !== "");
  const give = async () => {
    const id = freezeIdOf(is === "everything" ? { is } : { is, name: name.trim() });
    if ((await freeze.give(id, { reason: reason.trim(), underWay })) !== undefined) setReason("");
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) void give();
      }}
    >
      <div className={classes.fields}>
        <Select label="What is frozen" value={is} choices={scopes} onChange={setIs} />
        {is !== "everything" && <Field mono label={`Name of the ${is}`} value={name} onChange={setName} />}
        <Select
          label="What is under way: it ends the hosts it is at, or all of it goes back"
          value={underWay}
          choices={UnderWay.literals}
          onChange={setUnderWay}
        />
      </div>
      <Field label="Why" value={reason} onChange={setReason} />
      {freeze.error !== undefined && <Failure error={freeze.error} />}
      <div>
        <Button kind="bad" type="submit" busy={freeze.isPending} disabled={!isReady}>
          Freeze
        </Button>
      </div>
    </form>
  );
};

/** Lifts a freeze: at once if the policy lets one, else by a vote. */
const Lift = ({ id }: { readonly id: string }) => {
  const [reason, setReason] = useTyped(`unfreeze/${id}`);
  const unfreeze = useCommand("freeze", "unfreeze");
  const give = async () => {
    if ((await unfreeze.give(id, { reason: reason.trim() })) !== undefined) setReason("");
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.trim() !== "") void give();
      }}
    >
      <div className={classes.buttons}>
        <Field labelUnseen label={`Why ${id} is unfrozen`} value={reason} onChange={setReason} placeholder="Why …" />
        <Button type="submit" busy={unfreeze.isPending} disabled={reason.trim() === ""}>
          Unfreeze
        </Button>
      </div>
      {unfreeze.error !== undefined && <Failure error={unfreeze.error} />}
    </form>
  );
};

const Line = ({ freeze, mayLift }: { readonly freeze: Freeze; readonly mayLift: boolean }) => {
  const { id, frozen, reason, underWay, by, since, proposal, liftedAt, liftedBy } = freeze;
  return (
    <ListItem actions={frozen && mayLift && <Lift id={id} />}>
      <p className={classes.line}>
        <Badge state={frozen ? "frozen" : "lifted"} tone={frozen ? "warn" : "quiet"} />
        <strong>
          <TextOf text={scopeText(id)} />
        </strong>
        <span className={classes.quiet}>
          by <TextOf text={by} />, <Age at={since} /> · what is under way:{" "}
          {underWay === "go-back" ? "goes back" : "ends its hosts"}
        </span>
      </p>
      <p>
        <TextOf text={reason} />
      </p>
      {proposal !== undefined && frozen && (
        <p>
          <To href={`/decisions/${proposal}`}>The vote on lifting it</To>
        </p>
      )}
      {liftedAt !== undefined && !frozen && (
        <p className={classes.quiet}>
          lifted {liftedBy === undefined ? "by a vote" : `by ${liftedBy}`}, <Age at={liftedAt} />
        </p>
      )}
    </ListItem>
  );
};

/** What is frozen, what was, and the way to freeze and to lift. */
export const Freezes = () => {
  const { documents, isLoading } = useDocuments("freezes");
  const isLive = useAt() === undefined;
  const all = [...documents.values()].toSorted(
    (one, other) => Number(other.frozen) - Number(one.frozen) || (one.since < other.since ? 1 : -1),
  );
  const mayLift = useRefusal("freeze.unfreeze", "change") === undefined && isLive;
  return (
    <div className={classes.stack} aria-busy={isLoading}>
      {isLive && (
        <Offer command="freeze.freeze" how="make" what="Freezing">
          <Panel title="Freeze" hint="nothing begins to activate there until it is lifted">
            <NewFreeze />
          </Panel>
        </Offer>
      )}
      {!isLoading && all.length === 0 && (
        <Empty title="Nothing was ever frozen">A freeze holds back everything, a graph or a host.</Empty>
      )}
      {all.length > 0 && (
        <List label="Freezes">
          {all.map((freeze) => (
            <Line key={freeze.id} freeze={freeze} mayLift={mayLift} />
          ))}
        </List>
      )}
    </div>
  );
};
