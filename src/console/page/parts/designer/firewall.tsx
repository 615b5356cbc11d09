import { useMemo } from "react";
import type { Draft } from "../../../designer/draft.ts";
import { type Way, waysAbout, waysOf } from "../../../designer/firewall.ts";
import { useAnswer } from "../../data/domain.ts";
import { counted } from "../../design/counted.ts";
import { TextOf } from "../../design/text-of.tsx";
import type { Editor } from "./editor.ts";
import classes from "./firewall.module.css";
import { namesOf } from "./keys.ts";
import { useSettled } from "./settled.ts";

/** What is known of the ways through the firewalls. */
export interface Firewall {
  /** Empty as long as they are not known. */
  readonly ways: ReadonlyArray<Way>;
  /** Why there are none yet. */
  readonly lack: "errors" | "not yet" | undefined;
}

const noWays: ReadonlyArray<Way> = [];

/** The ways through the firewalls of a draft, computed in the worker by the code that renders flakes. */
export const useFirewall = (draft: Draft, isShown: boolean): Firewall | undefined => {
  const settled = useSettled(draft, 300);
  const answer = useAnswer("admissions", isShown ? settled : undefined);
  return useMemo(() => {
    if (!isShown) return undefined;
    if (answer === undefined) return { ways: noWays, lack: "not yet" };
    return answer.value === undefined
      ? { ways: noWays, lack: "errors" }
      : { ways: waysOf(answer.value), lack: undefined };
  }, [answer, isShown]);
};

/** As many are listed at once: who wants others selects a node or a host. */
const mostListed = 200;

const heading = "Firewall paths";

/** The ways through the firewalls in words: those of what is selected, else all. */
export const FirewallList = ({
  firewall: { ways, lack },
  editor,
}: {
  readonly firewall: Firewall;
  readonly editor: Editor;
}) => {
  const names = useMemo(() => namesOf(editor), [editor]);
  const wanted = useMemo(() => waysAbout(ways, names), [ways, names]);
  if (lack !== undefined)
    return (
      <section className={classes.list} aria-label={heading}>
        <p className={classes.quiet} role="status">
          {lack === "errors" ? "They are shown as soon as the graph has no errors." : "Looking …"}
        </p>
      </section>
    );
  return (
    <section className={classes.list} aria-label={heading}>
      <p className={classes.quiet}>
        {counted(wanted.length, "way")} in{names.size === 0 ? "" : ` for ${[...names].slice(0, 3).join(", ")}`}. The
        firewalls refuse everything else.
      </p>
      <ul>
        {wanted.slice(0, mostListed).map(({ key, from, to, ports }) => (
          <li key={key}>
            <span>
              {from === undefined ? <b>everyone</b> : <Place node={from.node} host={from.host} />} →{" "}
              <Place node={to.node} host={to.host} />
            </span>
            <code>{ports.join(", ")}</code>
          </li>
        ))}
      </ul>
      {wanted.length > mostListed && (
        <p className={classes.quiet}>and {wanted.length - mostListed} more: select a node or a host to see its own</p>
      )}
    </section>
  );
};

const Place = ({ node, host }: { readonly node: string; readonly host: string }) => (
  <>
    <b>
      <TextOf text={node === host ? "ssh" : node} />
    </b>{" "}
    <span className={classes.quiet}>
      on <TextOf text={host} />
    </span>
  </>
);
