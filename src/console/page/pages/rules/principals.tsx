import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useAt } from "../../data/at.ts";
import { useDocuments } from "../../data/documents.tsx";
import { useSession } from "../../data/session.tsx";
import { useRoles } from "../../data/standing.tsx";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Hash } from "../../design/hash.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { Admit } from "./admit.tsx";
import { Authority } from "./authority.tsx";
import classes from "./rules.module.css";

type Principal = DocumentOf<"principals">;

const Line = ({ principal, onOpen }: { readonly principal: Principal; readonly onOpen: (() => void) | undefined }) => {
  const { id, kind, owner, roles, admitted, publicKey, revokedKeys, suspended, signedOff } = principal;
  return (
    <ListItem
      actions={
        <>
          <To href={`/audit?actor=${encodeURIComponent(id)}`}>
            What it did<span className="unseen"> ({id})</span>
          </To>
          {onOpen !== undefined && (
            <Button onClick={onOpen} label={`Change what ${id} may do`}>
              Change
            </Button>
          )}
        </>
      }
    >
      <p className={classes.line}>
        <strong>
          <TextOf text={id} />
        </strong>
        <span className={classes.quiet}>
          {kind ?? "not said what it is"}
          {owner !== undefined && owner !== id && ` of ${owner}`}
        </span>
        {suspended !== undefined && <Badge state="suspended" tone="bad" />}
        {signedOff !== undefined && <Badge state="signed off" tone="warn" />}
      </p>
      <p>
        {roles.join(", ") || "no roles of its own"}
        {!admitted && <span className={classes.quiet}> and those of everybody, because nobody admitted it</span>}
      </p>
      {suspended !== undefined && (
        <p className={classes.quiet}>
          by <TextOf text={suspended.by} />, <Age at={suspended.at} />: <TextOf text={suspended.reason} />
        </p>
      )}
      <p className={classes.quiet}>
        {publicKey === undefined ? "has no key" : <>signs with {<Hash text={publicKey} name="key" />}</>}
        {revokedKeys.length > 0 && ` · ${revokedKeys.length} revoked`}
      </p>
    </ListItem>
  );
};

/** Who may do what. Admins change it; everybody has their own keys in their hands. */
export const Principals = () => {
  const { documents, isLoading } = useDocuments("principals");
  const isAdmin = useRoles().includes("admin");
  const { principal: me } = useSession();
  const isLive = useAt() === undefined;
  const [open, setOpen] = useState<string>();
  const [isAdmitting, setAdmitting] = useState(false);
  const all = [...documents.values()].toSorted((one, other) => (one.id < other.id ? -1 : 1));
  const chosen = open === undefined ? undefined : documents.get(open);
  return (
    <div className={classes.stack} aria-busy={isLoading}>
      <p className={classes.quiet}>
        {isAdmin
          ? "You are an admin: you admit people and programs, and give and take their roles."
          : "An admin admits people and programs, and gives them roles. You can revoke a key of your own here."}
      </p>
      {isLive && isAdmin && (
        <div>
          <Button kind="main" onClick={() => setAdmitting(true)}>
            Admit somebody
          </Button>
        </div>
      )}
      {all.length > 0 && (
        <List label="Principals">
          {all.map((principal) => (
            <Line
              key={principal.id}
              principal={principal}
              onOpen={isLive && (isAdmin || principal.id === me) ? () => setOpen(principal.id) : undefined}
            />
          ))}
        </List>
      )}
      {chosen !== undefined && <Authority principal={chosen} isAdmin={isAdmin} onClose={() => setOpen(undefined)} />}
      {isAdmitting && <Admit onClose={() => setAdmitting(false)} />}
    </div>
  );
};
