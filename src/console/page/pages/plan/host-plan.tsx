import { Badge } from "../../design/badge.tsx";
import { Hash } from "../../design/hash.tsx";
import { ListItem } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import classes from "./plan.module.css";
import { type HostPlan, openingText } from "./summary.ts";

type Tone = "ok" | "bad" | "warn";

/** What is done to things of one kind: a sign, a word, and the things. */
const Things = ({
  sign,
  word,
  tone,
  things,
}: {
  readonly sign: string;
  readonly word: string;
  readonly tone: Tone;
  readonly things: ReadonlyArray<string>;
}) =>
  things.length === 0 ? null : (
    <div className={classes.things}>
      <dt className={classes[tone]}>
        <span aria-hidden="true">{sign} </span>
        {word}
      </dt>
      <dd>
        {things.map((thing) => (
          <code key={thing}>
            <TextOf text={thing} />
          </code>
        ))}
      </dd>
    </div>
  );

const tones = { new: "ok", changed: "warn", unchanged: "quiet" } as const;

/** What a deployment would do to one host. */
export const HostPlanItem = ({ plan }: { readonly plan: HostPlan }) => {
  const { host, address, change, build, units, firewall, settings, nodes, was } = plan;
  return (
    <ListItem>
      <p className={classes.line}>
        <To href={`/fleet/hosts/${host}`} className={classes.host}>
          {host}
        </To>
        <Badge state={change} tone={tones[change]} />
        <code>{address}</code>
        <span className={classes.quiet}>
          {nodes.length === 0 ? "carries nothing" : `carries ${nodes.join(", ")}`}
          {build && ", gets another system"}
        </span>
      </p>
      <dl className={classes.changes}>
        <Things sign="+" word="starts" tone="ok" things={units.started} />
        <Things sign="↻" word="restarts" tone="warn" things={units.restarted} />
        <Things sign="−" word="stops" tone="bad" things={units.stopped} />
        <Things sign="+" word="opens" tone="warn" things={firewall.opened.map(openingText)} />
        <Things sign="−" word="closes" tone="bad" things={firewall.closed.map(openingText)} />
        <Things sign="~" word="changes" tone="warn" things={settings} />
      </dl>
      {was !== undefined && (
        <p className={classes.quiet}>
          runs now <Hash text={was} name="closure" />
        </p>
      )}
    </ListItem>
  );
};
