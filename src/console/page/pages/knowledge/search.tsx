import { useMemo } from "react";
import { useQuery } from "../../data/query.ts";
import { Empty } from "../../design/empty.tsx";
import { Failure } from "../../design/failure.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { FactState, percent } from "./facts.tsx";
import classes from "./knowledge.module.css";

/** A text in which what was found stands between `**`. */
const Snippet = ({ text }: { readonly text: string }) =>
  text.split("**").map((part, place) => {
    const key = `${place} ${part}`;
    return place % 2 === 1 ? (
      <mark key={key} className={classes.found}>
        <TextOf text={part} />
      </mark>
    ) : (
      <TextOf key={key} text={part} />
    );
  });

/** What is found for a question, the best first, each with the reasons. */
export const Search = ({ space, question }: { readonly space: string; readonly question: string }) => {
  const input = useMemo(() => ({ space, question, limit: 50 }), [space, question]);
  const { data, error } = useQuery("knowledge", "search", input, { refresh: ["knowledge"] });
  if (error !== undefined) return <Failure error={error} />;
  if (data === undefined) return <div aria-busy="true" />;
  if (data.items.length === 0) return <Empty title="Nothing was found">Try fewer words, or others for the same.</Empty>;
  return (
    <List label="Found">
      {data.items.map(({ fact, snippet, reasons }) => (
        <ListItem key={fact.id} actions={<FactState fact={fact} />}>
          <To href={`/knowledge/${space}/facts/${fact.id}`}>
            <Snippet text={snippet} />
          </To>
          <p className={classes.reasons}>
            {percent(fact.confidence)} · by <TextOf text={fact.author} /> · <TextOf text={reasons.join(" · ")} />
          </p>
        </ListItem>
      ))}
    </List>
  );
};
