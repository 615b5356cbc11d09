import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import type { Strategy } from "../../../../domain/knowledge/policy.ts";
import { useCommand } from "../../data/command.ts";
import { useDocument } from "../../data/documents.tsx";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { To } from "../../design/to.tsx";

interface Disputed {
  readonly id: string;
  readonly subject: string;
  readonly predicate: string;
}

const votesOf = (space: DocumentOf<"knowledge">, { subject, predicate }: Disputed) =>
  space.votes.find((vote) => vote.subject === subject && vote.predicate === predicate);

/** Resolves a conflict by the strategy of its predicate: notes what holds and why, or puts a fact to the vote. */
export const Resolve = ({
  space,
  fact,
  by,
}: {
  readonly space: string;
  readonly fact: Disputed;
  readonly by: Strategy;
}) => {
  const resolve = useCommand("knowledge", "resolve");
  const known = useDocument("knowledge", space);
  const vote = known.state === "there" ? votesOf(known.document, fact) : undefined;
  const { id, subject, predicate } = fact;
  if (vote !== undefined) return <To href={`/decisions/${vote.proposal}`}>It is voted on</To>;
  return (
    <>
      <Button
        busy={resolve.isPending}
        onClick={() => void resolve.give(space, defined({ subject, predicate, fact: by === "vote" ? id : undefined }))}
      >
        {by === "vote" ? "Put this fact to the vote" : "Note in the log what holds"}
      </Button>
      {resolve.error !== undefined && <Failure error={resolve.error} />}
    </>
  );
};
