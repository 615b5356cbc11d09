import { useLocation } from "wouter";
import { useAt, useBeside, useTravel } from "../data/at.ts";
import { useQuery } from "../data/query.ts";
import { momentText } from "../design/age.tsx";
import { Button } from "../design/button.tsx";
import { thingAt } from "../parts/place.ts";
import classes from "./past-banner.module.css";

const number = new Intl.NumberFormat("en-US");

/** The page on which stands what has changed of a thing since its last event of then; nothing if it has none. */
const SinceThen = ({ aggregate, id }: { readonly aggregate: string; readonly id: string }) => {
  const then = useQuery("audit", "trail", { aggregate, id, order: "newest", limit: 1 }).data?.items[0];
  if (then === undefined) return null;
  const name = encodeURIComponent(id);
  // Of a graph, its number of events is its version.
  const href =
    aggregate === "graph"
      ? `/diff?left=graphs/${name}@${then.version}&right=graphs/${name}`
      : `/audit/documents/${aggregate}/${name}?position=${then.position}`;
  return <a href={href}>What has changed since</a>;
};

/** Says that one sees the past; shows the present beside it, or what is different now, and leads back. */
export const PastBanner = () => {
  const at = useAt();
  const travel = useTravel();
  const [isBeside, setBeside] = useBeside();
  const thing = thingAt(useLocation()[0]);
  if (at === undefined) return null;
  return (
    <div className={classes.banner} role="note">
      <p>
        You see this as it was{" "}
        {"time" in at ? `on ${momentText(at.time)}` : `at position ${number.format(at.position)}`}
        {isBeside ? ", beside what it is now. What is past cannot be changed." : ". Nothing can be changed here."}
      </p>
      {thing !== undefined && <SinceThen key={`${thing.aggregate} ${thing.id}`} {...thing} />}
      <Button pressed={isBeside} onClick={() => setBeside(!isBeside)}>
        Beside now
      </Button>
      <Button onClick={() => travel(undefined)}>Back to now</Button>
    </div>
  );
};
