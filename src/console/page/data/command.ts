import { useCallback, useRef, useState } from "react";
import type { AggregateName, CommandPayload } from "../../../contract/commands.ts";
import type { Accepted } from "../../../contract/envelope.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { type CommandOptions, Refused } from "../../client/mod.ts";
import { useAnnounce } from "../design/live-region.tsx";
import { api } from "./client.ts";
import { useSession } from "./session.tsx";
import { type Signer, signatureOf } from "./signer.ts";

export interface Given {
  readonly expectedVersion?: number;
  /** Signs the command in this browser. */
  readonly signer?: Signer | undefined;
}

/** A command that a screen can give. */
export interface CommandHook<P> {
  /** Gives it. Resolves to undefined if it was refused; `error` has the reason then. */
  readonly give: (id: string, payload: P, given?: Given) => Promise<Accepted | undefined>;
  readonly isPending: boolean;
  /** Why the last one was refused, until the next one is given. */
  readonly error: unknown;
  /** Forgets the refusal. */
  readonly forget: () => void;
}

/**
 * A refusal after which the same command may still take effect, or may be accepted if it is sent again. Also when one is
 * not logged in any more: it may have been sent before.
 */
const isOpen = (error: unknown): boolean =>
  !(error instanceof Refused) || error.code === "unavailable" || error.code === "timeout" || error.status === 401;

/**
 * Gives commands of one kind. The id of a command is made before it is sent. It stays the same if the same command is
 * given again after a loss of the connection, so that nothing is done twice.
 */
export const useCommand = <A extends AggregateName, C extends string>(
  aggregate: A,
  command: C,
): CommandHook<CommandPayload<A, C>> => {
  const [state, setState] = useState<{ readonly isPending: boolean; readonly error?: unknown }>({ isPending: false });
  const announce = useAnnounce();
  const session = useSession();
  const open = useRef<{ readonly key: string; readonly commandId: string }>(undefined);

  const give = useCallback(
    async (id: string, payload: CommandPayload<A, C>, { expectedVersion, signer }: Given = {}) => {
      const key = JSON.stringify([id, payload]);
      const commandId = open.current?.key === key ? open.current.commandId : crypto.randomUUID();
      open.current = { key, commandId };
      setState({ isPending: true });
      try {
        const signed = signer && (await signatureOf(signer, session, { aggregate, id, command, payload, commandId }));
        const options: CommandOptions = defined({ commandId, expectedVersion, signed });
        const accepted = await api.command(aggregate, id, command, payload, options);
        open.current = undefined;
        setState({ isPending: false });
        announce("Done");
        return accepted;
      } catch (error) {
        if (!isOpen(error)) open.current = undefined;
        setState({ isPending: false, error });
        return undefined;
      }
    },
    [aggregate, command, announce, session],
  );
  const forget = useCallback(() => setState({ isPending: false }), []);
  return { give, isPending: state.isPending, error: state.error, forget };
};
