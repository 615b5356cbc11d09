import { useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { acceptedAs } from "../../../../domain/host/removals.ts";
import { defined } from "../../../../domain/kernel/mod.ts";
import { Button } from "../../design/button.tsx";
import { List, ListItem, Panel } from "../../design/list.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { Offer } from "../../parts/offer.tsx";
import { RequestDialog } from "../../parts/request/request-dialog.tsx";

type Deployment = DocumentOf<"deployments">;

/** What the activation would have taken from hosts, and a new request that accepts it. */
export const RemovalsPanel = ({
  deployment,
  isLive,
}: {
  readonly deployment: Deployment;
  readonly isLive: boolean;
}) => {
  const { graph, graphVersion, hosts, target, acceptRemovals = [], acceptDataLoss, reboot } = deployment;
  const [isRequesting, setRequesting] = useState(false);
  const removals = hosts.flatMap(({ id, removals: ofHost = [] }) =>
    ofHost.map((removal) => ({ name: acceptedAs(id, removal), text: removal.text, host: id })),
  );
  const open = removals.filter(({ name }) => !acceptRemovals.includes(name));
  if (removals.length === 0) return null;
  return (
    <Panel
      title={open.length > 0 ? "It would take away" : "It takes away"}
      hint={open.length > 0 ? "so nothing was activated" : "as the request accepts"}
      actions={
        open.length > 0 &&
        isLive && (
          <Offer command="deployment.request" how="make" what="Requesting it again">
            <Button onClick={() => setRequesting(true)}>Request it again, and accept this …</Button>
          </Offer>
        )
      }
    >
      <List label="What hosts lose">
        {removals.map(({ name, text, host }) => (
          <ListItem key={name}>
            <strong>{host}</strong>: <TextOf text={text} /> <code>{name}</code>
          </ListItem>
        ))}
      </List>
      {isRequesting && (
        <RequestDialog
          graph={graph}
          version={graphVersion}
          hosts={hosts.map(({ id }) => id)}
          losses={acceptDataLoss ?? []}
          given={{
            target,
            acceptDataLoss: new Set(acceptDataLoss),
            acceptRemovals: [...acceptRemovals, ...open.map(({ name }) => name)].join("\n"),
            ...defined({ reboot }),
          }}
          onClose={() => setRequesting(false)}
        />
      )}
    </Panel>
  );
};
