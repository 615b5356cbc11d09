import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { obstacleText } from "../../../../domain/deployment/activation.ts";
import { useDocument } from "../../data/documents.tsx";
import { Notice } from "../../design/notice.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { To } from "../../design/to.tsx";

type Deployment = DocumentOf<"deployments">;

/** What the hosts come to after a failure. */
const afterwards: Readonly<Record<string, string>> = {
  "rolling-back": "Touched hosts go back, the one touched last first.",
  "rolled-back": "Every touched host runs exactly what it ran before.",
  "rollback-incomplete": "Some hosts could not be put back: roll back again, or look at them.",
  failed: "No host was touched.",
};

/** Why it failed, in a sentence, with the thing that said it; or what it waits for. Nothing if it goes as it should. */
export const CourseNotice = ({ deployment }: { readonly deployment: Deployment }) => {
  const { id, status, reason, detail, waiting } = deployment;
  const task = useDocument("tasks", `${id}=deploy`);
  const said = task.state === "there" && task.document.failure !== undefined ? task.document.agent : undefined;
  const after = afterwards[status];
  return (
    <>
      {status === "waiting" && waiting !== undefined && (
        <Notice tone="warn">
          Approved, and waits: <TextOf text={waiting.for.map(obstacleText).join("; ")} />
        </Notice>
      )}
      {status === "rejected" && (
        <Notice tone="bad" actions={<To href={`/decisions/${id}`}>the decision</To>}>
          The vote did not approve it{detail === undefined ? "" : ": "}
          {detail !== undefined && <TextOf text={detail} />}
        </Notice>
      )}
      {status === "cancelled" && (
        <Notice tone="quiet">
          Called off{(detail ?? reason) ? ": " : ""}
          <TextOf text={detail ?? reason ?? ""} />
        </Notice>
      )}
      {after !== undefined && (
        <Notice tone={status === "rolling-back" ? "back" : "bad"}>
          <TextOf text={detail ?? reason ?? "It was asked to go back"} />
          {said !== undefined && (
            <>
              {" "}
              — said by <strong>{said}</strong>
            </>
          )}
          . {after}
        </Notice>
      )}
    </>
  );
};
