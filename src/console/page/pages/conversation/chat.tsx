import type { TranscriptEntry } from "../../../../domain/dialog/transcript.ts";
import { provenanceText } from "../../../../domain/kernel/mod.ts";
import { Age } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./conversation.module.css";
import { askedWords, eventOf, findingsIn, sentenceOf } from "./entries.ts";

const severities = ["blocking", "warning", "note"] as const;

const TurnFindings = ({ findings }: { readonly findings: ReturnType<typeof findingsIn> }) => (
  <>
    {severities.map((severity) => {
      const those = findings.filter((one) => one.severity === severity);
      if (those.length === 0) return null;
      return (
        <details key={severity}>
          <summary>
            <Badge state={severity} /> {those.length}
          </summary>
          <ul className={classes.lines}>
            {those.map(({ rule, message }) => (
              <li key={`${rule} ${message}`}>
                <TextOf text={message} />{" "}
                <span className={classes.quiet}>
                  <TextOf text={rule} />
                </span>
              </li>
            ))}
          </ul>
        </details>
      );
    })}
  </>
);

/** One thing that happened: a turn with whom it went to and why, or a sentence. */
export const ChatEntry = ({
  entry,
  me,
  onAnswer,
}: {
  readonly entry: TranscriptEntry;
  readonly me: string;
  /** Begins an answer to a turn; absent if one cannot speak. */
  readonly onAnswer?: ((turn: number) => void) | undefined;
}) => {
  const event = eventOf(entry);
  if (event?.type !== "turn-said")
    return (
      <p className={classes.event}>
        <TextOf text={event === undefined ? `${entry.actor}: ${entry.event}` : sentenceOf(event)} /> ·{" "}
        <Age at={entry.at} />
      </p>
    );
  const { data } = event;
  const { turn, speaker, text, answers, hops, answerBy, context, provenance = {} } = data;
  const origin = provenanceText(provenance);
  return (
    <article className={speaker === me ? `${classes.turn} ${classes.mine}` : classes.turn} aria-label={`turn ${turn}`}>
      <p className={classes.head}>
        <strong>
          <TextOf text={speaker} />
        </strong>{" "}
        <span className={classes.quiet}>
          #{turn} · <Age at={entry.at} />
          {answers !== undefined &&
            ` · answers #${answers}${hops !== undefined && hops > 1 ? `, ${hops} in a row` : ""}`}
        </span>
        {onAnswer !== undefined && speaker !== me && (
          <button type="button" className={classes.link} onClick={() => onAnswer(turn)}>
            answer<span className="unseen"> turn {turn}</span>
          </button>
        )}
      </p>
      <p>
        <TextOf text={text} lines />
      </p>
      <TurnFindings findings={findingsIn(data)} />
      <p className={classes.quiet}>
        <TextOf text={askedWords(data)} />
        {answerBy !== undefined && (
          <>
            {" "}
            · answer by <Age at={answerBy} />
          </>
        )}
        {context !== undefined && (
          <>
            {" "}
            · with <TextOf text={JSON.stringify(context)} />
          </>
        )}
        {origin !== undefined && (
          <>
            {" "}
            · made by <TextOf text={origin} />, as they say
          </>
        )}
      </p>
    </article>
  );
};
