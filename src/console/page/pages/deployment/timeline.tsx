import type { AnswerOf } from "../../../../contract/views/mod.ts";
import { useNow } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Panel } from "../../design/list.tsx";
import { durationWords } from "./course.ts";
import classes from "./deployment.module.css";
import { spansOf } from "./story.ts";
import { type Span, scaleOf } from "./timeline-scale.ts";

type Event = AnswerOf<"audit", "trail">["items"][number];

/** What a span looks like, and its sign: no state is said by its colour alone. */
const looksOf = ({ name, state }: Span): readonly [tone: string | undefined, sign: string, word: string] => {
  if (state === "failed") return [classes.spanBad, "✕ ", "failed"];
  if (name === "roll back") return [classes.spanBack, "↩ ", ""];
  if (state === "called-off") return [classes.spanQuiet, "· ", "called off"];
  return [name === "deploy" || name === "monitor" ? classes.spanOk : classes.spanMoving, "", ""];
};

/** Whether a name fits a span of this share of the line, which is as wide as about ninety letters. */
const fits = (name: string, share: number): boolean => share * 90 > name.length + 2;

const percent = (share: number): string => `${(100 * share).toFixed(2)}%`;

/** The phases in the time that they took. Time in which nothing happened is folded. */
export const Timeline = ({ events, isOver }: { readonly events: ReadonlyArray<Event>; readonly isOver: boolean }) => {
  const now = useNow(5_000);
  const last = events.at(-1);
  if (last === undefined) return null;
  const end = isOver ? Date.parse(last.time) : Math.max(now, Date.parse(last.time));
  const spans = spansOf(events, end);
  const { at, folds } = scaleOf([...events.map(({ time }) => Date.parse(time)), end]);
  return (
    <Panel title="Timeline" hint={folds.length > 0 ? "idle time is folded" : undefined}>
      <div className={classes.timeline} aria-hidden="true">
        {spans.map((span) => {
          const { name, from, to } = span;
          const [tone, sign, word] = looksOf(span);
          return (
            <div
              key={`${name} ${from}`}
              className={`${classes.span} ${tone}`}
              style={{ left: percent(at(from)), width: percent(at(to) - at(from)) }}
              title={[`${name}: ${durationWords(to - from)}`, word].filter((one) => one !== "").join(", ")}
            >
              {sign}
              {fits(name, at(to) - at(from)) ? name : ""}
            </div>
          );
        })}
        {folds.map(({ from, to }) => (
          <div
            key={from}
            className={classes.fold}
            style={{ left: percent(at(from)), width: percent(at(to) - at(from)) }}
            title={`nothing happened for ${durationWords(to - from)}`}
          >
            ⟨{durationWords(to - from)}⟩
          </div>
        ))}
      </div>
      <ol className={classes.spans}>
        {spans.map((span) => {
          const { name, from, to } = span;
          const [, , word] = looksOf(span);
          return (
            <li key={`${name} ${from}`}>
              {name} <span className={classes.quiet}>{durationWords(to - from)}</span>{" "}
              {word !== "" && <Badge state={word} tone={span.state === "failed" ? "bad" : "quiet"} />}
            </li>
          );
        })}
      </ol>
    </Panel>
  );
};
