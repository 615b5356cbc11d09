import { useOpenNeeds } from "../../data/open-needs.tsx";
import { Empty } from "../../design/empty.tsx";
import { List } from "../../design/list.tsx";
import { PageHead } from "../../design/page-head.tsx";
import classes from "./need-item.module.css";
import { NeedItem } from "./need-item.tsx";

/** Everything that waits for the person, what ends first above; each answered in place. */
const NeedsYou = () => {
  const needs = useOpenNeeds();
  return (
    <>
      <PageHead title="Needs you">
        {needs.length > 0 && (
          <span className={classes.quiet}>
            {needs.length === 1 ? "1 thing waits" : `${needs.length} things wait`} for you, what ends first above
          </span>
        )}
      </PageHead>
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
