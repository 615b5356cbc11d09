import type { DocumentOf } from "../../../../contract/views/mod.ts";
import type { KnownTranscript } from "../../data/transcript.ts";
import { TimeLeft } from "../../design/age.tsx";
import { Badge } from "../../design/badge.tsx";
import { Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./conversation.module.css";

type Dialog = DocumentOf<"dialogs">;

/** Who takes part, who has the word, and who is awaited until when. */
export const WhoPanel = ({ dialog, head }: { readonly dialog: Dialog; readonly head: KnownTranscript["head"] }) => {
  const { participants, speaker, awaited, handOff, status } = dialog;
  const presence = new Map(head?.participants.map(({ id, presence: is }) => [id, is]));
  return (
    <Panel title="Who" hint={`${participants.length} take part`}>
      <ul className={classes.lines}>
        {participants.slice(0, 100).map((id) => {
          const is = presence.get(id);
          return (
            <li key={id} className={classes.spread}>
              <TextOf text={id} />
              <span>
                {speaker === id && <Badge state="has the word" tone="moving" />}{" "}
                {is !== undefined && <Badge state={is} />}
              </span>
            </li>
          );
        })}
        {participants.length > 100 && <li className={classes.quiet}>and {participants.length - 100} more</li>}
      </ul>
      {handOff !== undefined && (
        <p>
          <Badge state="offer" tone="moving" /> <strong>{handOff.from}</strong> offers <strong>{handOff.to}</strong> the
          word
        </p>
      )}
      {status !== "closed" && awaited.length > 0 && (
        <>
          <h3 className={classes.sub}>Awaited</h3>
          <ul className={classes.lines}>
            {awaited.map(({ turn, speaker: asker, asked, answerBy }) => (
              <li key={turn}>
                <strong>{asked.at(-1)}</strong> for #{turn} of {asker}, <TimeLeft until={answerBy} /> left
                {asked.length > 1 && (
                  <span className={classes.quiet}> · {asked.slice(0, -1).join(", ")} did not answer</span>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
};

interface Value {
  readonly key: string;
  readonly value: unknown;
  readonly by?: string;
}

const Values = ({ name, values }: { readonly name: string; readonly values: ReadonlyArray<Value> }) =>
  values.length === 0 ? null : (
    <>
      <h3 className={classes.sub}>{name}</h3>
      <dl className={classes.lines}>
        {values.map(({ key, value, by }) => (
          <div key={key}>
            <dt>
              <code>
                <TextOf text={key} />
              </code>
              {by !== undefined && <span className={classes.quiet}> set by {by}</span>}
            </dt>
            <dd>
              <code>
                <TextOf text={JSON.stringify(value)} />
              </code>
            </dd>
          </div>
        ))}
      </dl>
    </>
  );

const plain = (values: Readonly<Record<string, unknown>> = {}): ReadonlyArray<Value> =>
  Object.entries(values).map(([key, value]) => ({ key, value }));

/** What the participants know together, by how far it reaches, with who set it. */
export const ContextPanel = ({ dialog, head }: { readonly dialog: Dialog; readonly head: KnownTranscript["head"] }) => {
  const own = Object.entries(dialog.context).map(([key, { value, by }]) => ({ key, value, by }));
  const people = Object.entries(dialog.participantContext).map(
    ([id, entries]) => [id, Object.entries(entries).map(([key, { value, by }]) => ({ key, value, by }))] as const,
  );
  const [topic, global] = [plain(head?.context.topic), plain(head?.context.global)];
  if (own.length + people.length + topic.length + global.length === 0) return null;
  return (
    <Panel title="Context">
      <Values name="of the dialog" values={own} />
      {people.map(([id, values]) => (
        <Values key={id} name={`of ${id}`} values={values} />
      ))}
      <Values name="of the topic" values={topic} />
      <Values name="of everyone" values={global} />
    </Panel>
  );
};
