import { useCallback, useEffect, useMemo, useState } from "react";
import type { Arrangement, Boxes } from "../../../../contract/arrangements.ts";
import { skeletonOf } from "../../../designer/skeleton.ts";
import { api, sharing, store } from "../../data/client.ts";
import { useResumed } from "../../data/follow.ts";
import { Button } from "../../design/button.tsx";
import { Failure } from "../../design/failure.tsx";
import { TextOf } from "../../design/text-of.tsx";
import classes from "./canvas.module.css";
import { boxId, nameOfNode } from "./canvas-model.ts";
import type { Editor } from "./editor.ts";

interface Point {
  readonly x: number;
  readonly y: number;
}
/** Where boxes stand that are not where the layout puts them, by their ids. */
export type Moved = ReadonlyMap<string, Point>;

const placeOf = (graph: string): string => `cim-boxes/${graph}`;

const isPoint = (value: unknown): value is Point =>
  typeof value === "object" &&
  value !== null &&
  "x" in value &&
  "y" in value &&
  Number.isFinite(value.x) &&
  Number.isFinite(value.y);

const kept = (graph: string): Moved => {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(placeOf(graph)) ?? "{}");
    return new Map(Object.entries(found ?? {}).filter((entry): entry is [string, Point] => isPoint(entry[1])));
  } catch {
    return new Map();
  }
};

const nobodys: Arrangement = { boxes: {} };

/** The arrangement of a graph that everybody sees, live. A graph that is not saved yet has none. */
const useShared = (graph: string) => {
  const [shared, setShared] = useState(nobodys);
  const look = useCallback(() => {
    void api.arrangement(graph).then(setShared, () => setShared(nobodys));
  }, [graph]);
  useEffect(() => {
    look();
    const unfollow = sharing.follow(`drafts/${graph}`);
    const deaf = store.hearDrafts(({ draft, kind }) => {
      if (kind === "arranged" && draft === graph) look();
    });
    return () => {
      deaf();
      unfollow();
    };
  }, [look, graph]);
  useResumed(look);
  const share = useCallback(
    async (boxes: Boxes) => {
      setShared(await api.arrangement(graph, boxes));
      // Who does not hear of it sees it when the graph is opened again.
      await api.tellDraft(graph, { page: "", kind: "arranged", data: "" }).catch(() => undefined);
    },
    [graph],
  );
  return [shared, share] as const;
};

/** Where the boxes of a graph have been moved to, and what one can do with that. */
export interface Arranged {
  readonly moved: Moved;
  /** Whether some of it is in this browser only. */
  readonly isOwn: boolean;
  /** Who has arranged the boxes for everybody; undefined if nobody has. */
  readonly by: string | undefined;
  readonly move: (id: string, to: Point) => void;
  /** Forgets what is in this browser only. */
  readonly tidy: () => void;
  /** Shows everybody the boxes as they stand here. */
  readonly share: () => Promise<void>;
  /** Lets the layout put the boxes again, for everybody. */
  readonly clear: () => Promise<void>;
}

/**
 * The arrangement that is shared, and over it what one has moved in this browser. Neither is a part of the graph: a moved
 * box must not change a digest, and so void an approval.
 */
export const useArrangement = ({ draft }: Editor): Arranged => {
  const graph = draft.id;
  const [own, setOwn] = useState(() => kept(graph));
  const [shared, replace] = useShared(graph);
  const set = useCallback(
    (next: Moved) => {
      setOwn(next);
      try {
        if (next.size === 0) localStorage.removeItem(placeOf(graph));
        else localStorage.setItem(placeOf(graph), JSON.stringify(Object.fromEntries(next)));
      } catch {
        // There is no room left: the boxes stay as long as this page.
      }
    },
    [graph],
  );
  const moved = useMemo(
    (): Moved => new Map([...Object.entries(shared.boxes).map(([host, at]) => [boxId(host), at] as const), ...own]),
    [shared, own],
  );
  const share = async () => {
    const hosts = skeletonOf(draft).residents;
    const all = [...moved].map(([id, at]) => [nameOfNode(id), at] as const);
    await replace(Object.fromEntries(all.filter(([host]) => hosts.has(host))));
    set(new Map());
  };
  return {
    moved,
    isOwn: own.size > 0,
    by: Object.keys(shared.boxes).length === 0 ? undefined : shared.by,
    move: (id, { x, y }) => set(new Map([...own, [id, { x, y }]])),
    tidy: () => set(new Map()),
    share,
    clear: () => replace({}),
  };
};

/** What one can do with boxes that have been moved. */
export const ArrangementBar = ({
  arranged: { isOwn, by, tidy, share, clear },
  mayShare,
}: {
  readonly arranged: Arranged;
  readonly mayShare: boolean;
}) => {
  const [error, setError] = useState<unknown>();
  if (!isOwn && by === undefined) return null;
  const attempt = (work: () => Promise<void>) => () => {
    setError(undefined);
    work().catch(setError);
  };
  return (
    <div className={classes.tidy} role="group" aria-label="Arrangement of the boxes">
      {isOwn ? (
        <>
          <Button onClick={tidy}>Tidy up</Button>
          {mayShare && <Button onClick={attempt(share)}>Share arrangement</Button>}
        </>
      ) : (
        <>
          <span>
            arranged by <TextOf text={by ?? ""} />
          </span>
          {mayShare && <Button onClick={attempt(clear)}>Undo for everyone</Button>}
        </>
      )}
      {error !== undefined && <Failure error={error} />}
    </div>
  );
};
