import { useOpenNeeds } from "../../data/open-needs.tsx";
import { useAllTyped } from "../../data/typed.ts";
import { Empty } from "../../design/empty.tsx";
import { List } from "../../design/list.tsx";
import { Notice } from "../../design/notice.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { To } from "../../design/to.tsx";
import classes from "./need-item.module.css";
import { NeedItem } from "./need-item.tsx";

/** Everything that waits for the person, what ends first above; each answered in place. */
const NeedsYou = () => {
  const needs = useOpenNeeds();
  const waiting = new Set(needs.map(({ key }) => key.split(" ").slice(0, 2).join(" ")));
  const unsaid = useAllTyped("say").filter((id) => !waiting.has(`turn ${id}`));
  const uncast = useAllTyped("ballot").filter((id) => !waiting.has(`vote ${id}`));
  return (
    <>
      <PageHead title="Needs you">
        {needs.length > 0 && (
          <span className={classes.quiet}>
            {needs.length === 1 ? "1 thing waits" : `${needs.length} things wait`} for you, what ends first above
          </span>
        )}
      </PageHead>
      {[
        ...unsaid.map((id) => ({ id, href: `/conversations/${id}`, what: "conversation" })),
        ...uncast.map((id) => ({ id, href: `/decisions/${id}`, what: "decision" })),
      ].map(({ id, href, what }) => (
        <Notice key={href} tone="warn">
          What you have typed was not sent, and nobody waits for it any more. It is kept in the {what}{" "}
          <To href={href}>{id}</To>.
        </Notice>
      ))}
      {needs.length === 0 ? (
        <Empty title="Nothing waits for you">
          Votes, questions, drifts and failures come here. The number in the title of the tab says how many there are.
        </Empty>
      ) : (
        <List label="What waits for you">
          {needs.map((need) => (
            <NeedItem key={need.key} need={need} />
          ))}
        </List>
      )}
    </>
  );
};

export default NeedsYou;
