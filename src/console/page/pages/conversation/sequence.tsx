import type { TranscriptEntry } from "../../../../domain/dialog/transcript.ts";
import { visible } from "../../../../domain/kernel/visible.ts";
import classes from "./conversation.module.css";
import { type Arrow, arrowOf, eventOf, sentenceOf } from "./entries.ts";

const columnWidth = 132;
const rowHeight = 46;
const arrowAt = 32;

const placeOf = (column: number): number => column * columnWidth + columnWidth / 2;
const shorten = (text: string, most: number): string => {
  const shown = visible(text.split("\n", 1)[0] ?? "");
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
};

const Lifelines = ({ count }: { readonly count: number }) => (
  <>
    {Array.from({ length: count }, (_, column) => placeOf(column)).map((x) => (
      <line key={x} x1={x} x2={x} y1={0} y2={rowHeight} className={classes.lifeline} />
    ))}
  </>
);

const ArrowShown = ({ arrow, people }: { readonly arrow: Arrow; readonly people: ReadonlyArray<string> }) => {
  const from = people.indexOf(arrow.from);
  const targets = arrow.to.map((id) => people.indexOf(id)).filter((column) => column >= 0 && column !== from);
  if (from < 0) return null;
  const [left, right] = [Math.min(from, ...targets), Math.max(from, ...targets)];
  const room = Math.max(18, Math.floor(((people.length - left) * columnWidth) / 7));
  return (
    <g className={arrow.dashed ? classes.dashed : undefined}>
      <text x={placeOf(left) + 6} y={arrowAt - 8} className={classes.label}>
        {shorten(arrow.text, room)}
      </text>
      <line x1={placeOf(left)} x2={placeOf(right)} y1={arrowAt} y2={arrowAt} className={classes.arrow} />
      <circle cx={placeOf(from)} cy={arrowAt} r={3.5} className={classes.start} />
      {targets.map((column) => {
        const [x, way] = [placeOf(column), column > from ? -1 : 1];
        return <path key={column} d={`M${x},${arrowAt} l${way * 8},-4 v8 z`} className={classes.start} />;
      })}
    </g>
  );
};

/** The names above the lifelines. */
export const SequenceHead = ({ people }: { readonly people: ReadonlyArray<string> }) => (
  <div className={classes.people} style={{ width: people.length * columnWidth }} aria-hidden="true">
    {people.map((id) => (
      <span key={id} title={visible(id)} style={{ width: columnWidth }}>
        {shorten(id, 15)}
      </span>
    ))}
  </div>
);

/** One thing that happened, as a row of the sequence diagram. Its sentence is for those who do not see the picture. */
export const SequenceEntry = ({
  entry,
  people,
}: {
  readonly entry: TranscriptEntry;
  readonly people: ReadonlyArray<string>;
}) => {
  const event = eventOf(entry);
  const arrow = event && arrowOf(event);
  const sentence = event === undefined ? entry.event : sentenceOf(event);
  const words = arrow === undefined ? sentence : `${arrow.from} to ${arrow.to.join(", ")}: ${arrow.text}`;
  const width = people.length * columnWidth;
  return (
    <>
      <span className="unseen">{visible(words)}</span>
      <svg width={width} height={rowHeight} className={classes.svg} aria-hidden="true">
        <Lifelines count={people.length} />
        {arrow === undefined ? (
          <text x={12} y={arrowAt - 4} className={classes.noted}>
            {shorten(sentence, Math.floor(width / 7))}
          </text>
        ) : (
          <ArrowShown arrow={arrow} people={people} />
        )}
      </svg>
    </>
  );
};

/** Everyone who may be in the diagram, in the order of taking part; others that spoke come after them. */
export const peopleOf = (
  participants: ReadonlyArray<string>,
  entries: Iterable<TranscriptEntry>,
): ReadonlyArray<string> => {
  const all = new Set(participants);
  for (const entry of entries) {
    const event = eventOf(entry);
    if (event?.type === "turn-said") all.add(event.data.speaker);
  }
  return [...all];
};
