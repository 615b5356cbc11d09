import { useMemo, useState } from "react";
import { useSearchParams } from "wouter";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { visible } from "../../../../domain/kernel/visible.ts";
import { useAt } from "../../data/at.ts";
import { useCommand } from "../../data/command.ts";
import { useDocument, WithDocument } from "../../data/documents.tsx";
import { useSession } from "../../data/session.tsx";
import { useSigner } from "../../data/signer.ts";
import { useRoles } from "../../data/standing.tsx";
import { useTranscript } from "../../data/transcript.ts";
import { Badge } from "../../design/badge.tsx";
import { Button } from "../../design/button.tsx";
import { Columns, Stack } from "../../design/columns.tsx";
import { Failure } from "../../design/failure.tsx";
import { Notice } from "../../design/notice.tsx";
import { PageHead } from "../../design/page-head.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";
import { useScreen } from "../../frame/screen.tsx";
import { Offer } from "../../parts/offer.tsx";
import { YourBallot } from "../../parts/your-ballot.tsx";
import { ChatEntry } from "./chat.tsx";
import classes from "./conversation.module.css";
import { Rows } from "./rows.tsx";
import { peopleOf, SequenceEntry, SequenceHead } from "./sequence.tsx";
import { ContextPanel, WhoPanel } from "./sides.tsx";
import { LeadPanel, SpeakPanel, WordPanel } from "./speak.tsx";

type Dialog = DocumentOf<"dialogs">;

/** The vote that the conversation is about, if it is open and the person may vote: without leaving. */
const VoteHere = ({ id, me }: { readonly id: string; readonly me: string }) => {
  const proposal = useDocument("proposals", id);
  const roles = useRoles();
  const signing = useSigner();
  if (proposal.state !== "there") return null;
  const { status, electorate } = proposal.document;
  const mayVote = status === "active" && roles.includes("voter") && electorate.some((member) => member.id === me);
  return mayVote ? <YourBallot proposal={proposal.document} me={me} signing={signing} /> : null;
};

const Join = ({ id }: { readonly id: string }) => {
  const join = useCommand("dialog", "join");
  return (
    <>
      <Button busy={join.isPending} onClick={() => void join.give(id, {})}>
        Take part
      </Button>
      {join.error !== undefined && <Failure error={join.error} />}
    </>
  );
};

/** Two who talk to each other end it by closing it. */
const Leave = ({ id }: { readonly id: string }) => {
  const leave = useCommand("dialog", "leave");
  return (
    <>
      <Button busy={leave.isPending} onClick={() => void leave.give(id, {})}>
        Leave
      </Button>
      {leave.error !== undefined && <Failure error={leave.error} />}
    </>
  );
};

/** Why nothing can be said by somebody; undefined if it can. */
const silenceIn = ({ status }: Dialog, takesPart: boolean): string | undefined => {
  if (status === "closed") return "This conversation is closed: nothing more is said in it.";
  if (status === "paused") return "It is paused: this can be said once it is resumed.";
  return takesPart ? undefined : "You do not take part in it: join it to say this.";
};

const Shown = ({ dialog }: { readonly dialog: Dialog }) => {
  const { id, topic, type, status, routing, version, position, participants, turnCount, openedBy, pausedFor } = dialog;
  const { principal: me } = useSession();
  const roles = useRoles();
  const isLive = useAt() === undefined;
  const [answers, setAnswers] = useState<number>();
  const [search, setSearch] = useSearchParams();
  const deployment = useDocument("deployments", id);
  const isDeployment = deployment.state === "there";
  const transcript = useTranscript(id, version, position);
  const people = useMemo(() => peopleOf(participants, transcript.entries.values()), [participants, transcript.entries]);
  useScreen(useMemo(() => ({ title: visible(topic) }), [topic]));
  const isMember = participants.includes(me);
  const isOpen = status === "open";
  const silence = silenceIn(dialog, isMember || (isDeployment && roles.includes("operator")));
  const maySpeak = isLive && silence === undefined;
  const leads = openedBy === me || (roles.includes("admin") && !isDeployment);
  const tabs = [
    {
      key: "chat",
      name: "Chat",
      content: (
        <Rows
          label="What was said"
          count={version}
          transcript={transcript}
          estimate={92}
          row={(entry) => <ChatEntry entry={entry} me={me} onAnswer={maySpeak ? setAnswers : undefined} />}
        />
      ),
    },
    {
      key: "sequence",
      name: "Sequence",
      content: (
        <Rows
          label="Who said what to whom"
          count={version}
          transcript={transcript}
          estimate={46}
          head={<SequenceHead people={people} />}
          row={(entry) => <SequenceEntry entry={entry} people={people} />}
        />
      ),
    },
  ];
  return (
    <>
      <PageHead
        title={<TextOf text={topic} />}
        actions={
          <>
            {isDeployment && <To href={`/deployments/${id}`}>Deployment</To>}
            {isDeployment && <To href={`/decisions/${id}`}>Decision</To>}
            {isLive && isOpen && !isMember && !isDeployment && (
              <Offer command="dialog.join" what="Taking part">
                <Join id={id} />
              </Offer>
            )}
            {isLive && isMember && status !== "closed" && type !== "direct" && <Leave id={id} />}
          </>
        }
      >
        <Badge state={status} />
        <span className={classes.quiet}>
          {type}, sent by {routing}, {turnCount} {turnCount === 1 ? "turn" : "turns"}, opened by {openedBy}
        </span>
      </PageHead>
      <Stack>
        {status === "paused" && (
          <Notice tone="warn">
            Nobody speaks until it is resumed
            {pausedFor === "loop" && ": its turns answered each other without end"}
            {pausedFor === "max-turns" && ": it has had all its turns"}.
          </Notice>
        )}
        <Columns
          side={
            <>
              {isLive && (
                <SpeakPanel
                  dialog={dialog}
                  me={me}
                  silence={silence}
                  answers={answers}
                  onAnswered={() => setAnswers(undefined)}
                />
              )}
              {isLive && isDeployment && <VoteHere id={id} me={me} />}
              <WhoPanel dialog={dialog} head={transcript.head} />
              {maySpeak && isMember && <WordPanel dialog={dialog} me={me} />}
              <ContextPanel dialog={dialog} head={transcript.head} />
              {isLive && leads && status !== "closed" && <LeadPanel dialog={dialog} />}
            </>
          }
        >
          <Tabs
            label="How it is shown"
            tabs={tabs}
            value={search.get("as") === "sequence" ? "sequence" : "chat"}
            onChange={(as) => setSearch((before) => ({ ...Object.fromEntries(before), as }), { replace: true })}
          />
        </Columns>
      </Stack>
    </>
  );
};

/** One conversation: what was said to whom and why, who is awaited, the context; and one's own words. */
const Conversation = ({ id }: { readonly id: string }) => (
  <WithDocument view="dialogs" id={id} thing="conversation">
    {(dialog) => <Shown dialog={dialog} />}
  </WithDocument>
);

export default Conversation;
