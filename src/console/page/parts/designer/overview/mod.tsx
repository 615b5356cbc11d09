import { type KeyboardEvent, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { type Draft, elementsOf, nodeKey, textOf } from "../../../../designer/draft.ts";
import { linesOfWays, type Way } from "../../../../designer/firewall.ts";
import type { Marks } from "../../../../designer/issues.ts";
import { type Box, nearest, type Spot } from "../../../../designer/layout.ts";
import { foundIn, type Region } from "../../../../designer/region.ts";
import { sceneOf } from "../../../../designer/scene.ts";
import { Button } from "../../../design/button.tsx";
import { useAnnounce } from "../../../design/live-region.tsx";
import { TextOf } from "../../../design/text-of.tsx";
import { useIsDark } from "../../../frame/theme.ts";
import type { Editor } from "../editor.ts";
import { currentNode, directions, type KeyActions, namesOf, pressed } from "../keys.ts";
import { Finder, Parts } from "./choices.tsx";
import classes from "./overview.module.css";
import { OverviewPicture } from "./picture.ts";

const zoomStep = 1.4;

/**
 * A graph that is too large for the canvas: hosts as boxes by wave, nodes inside. One looks, searches and selects here, and
 * takes a part of it to the canvas. The outline beside it holds the same for screen readers.
 */
const Overview = ({
  editor,
  marks,
  actions,
  onRegion,
  ways,
}: {
  readonly editor: Editor;
  readonly marks: Marks;
  readonly actions: KeyActions;
  readonly onRegion: (region: Region) => void;
  /** The ways through the firewalls, if lines show them and not edges. */
  readonly ways: ReadonlyArray<Way> | undefined;
}) => {
  const { draft, selection, select } = editor;
  const shownDraft = useDeferredValue(draft);
  const plain = sceneOf(shownDraft);
  const scene = useMemo(
    () => (ways === undefined ? plain : { ...plain, lines: linesOfWays(ways, plain.layout.boxes) }),
    [plain, ways],
  );
  const [words, setWords] = useState("");
  const wanted = useDeferredValue(words);
  const found = useMemo(() => foundIn(shownDraft, wanted), [shownDraft, wanted]);
  const selected = useMemo(() => namesOf(editor), [editor]);
  const ties = useMemo(
    () =>
      selected.size === 0 || selected.size > 50
        ? []
        : endsOf(shownDraft, ways).filter(([from, to]) => selected.has(from) || selected.has(to)),
    [shownDraft, selected, ways],
  );
  const place = useRef<HTMLDivElement>(null);
  const picture = useRef<OverviewPicture>(undefined);
  const latest = useRef({ editor, onRegion });
  const [pointed, setPointed] = useState<Box | Spot>();
  const [isBroken, setIsBroken] = useState(false);
  const announce = useAnnounce();
  const isDark = useIsDark();
  useEffect(() => {
    latest.current = { editor, onRegion };
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: it is made once; the effects below keep it in step.
  useEffect(() => {
    if (place.current === null) return;
    try {
      const made = new OverviewPicture(place.current, scene, {
        choose: (name, more) => {
          const key = nodeKey(name);
          if (!elementsOf(latest.current.editor.draft).has(key)) return;
          if (more) latest.current.editor.toggle(key);
          else latest.current.editor.select([key]);
        },
        leave: () => latest.current.editor.select([]),
        open: (one) => latest.current.onRegion(regionAt(one)),
        pointAt: setPointed,
      });
      picture.current = made;
      return () => {
        picture.current = undefined;
        made.close();
      };
    } catch {
      // A browser without WebGL: the outline has everything.
      setIsBroken(true);
      return undefined;
    }
  }, []);
  useEffect(() => picture.current?.setScene(scene), [scene]);
  const foundNames = useMemo(() => new Set(found), [found]);
  useEffect(
    () => picture.current?.setShown({ marks, selected, found: foundNames, ties }),
    [marks, selected, foundNames, ties],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are those of the theme.
  useEffect(() => picture.current?.setTheme(), [isDark]);
  const current = currentNode(editor);
  useEffect(() => {
    if (current !== undefined) picture.current?.lookAt(current);
  }, [current]);

  const go = (name: string, more = false) => {
    const key = nodeKey(name);
    select(more ? [...selection.filter((one) => one !== key), key] : [key]);
    announce(`${name}, ${textOf(elementsOf(draft).get(key)?.fields.type)}`);
  };
  const press = (event: KeyboardEvent) => {
    if (pressed(event, editor, actions) || event.ctrlKey || event.metaKey || event.altKey) return;
    const direction = directions[event.key];
    const here = picture.current?.placeOf(current);
    if (event.key === "+") picture.current?.zoom(zoomStep);
    else if (event.key === "-") picture.current?.zoom(1 / zoomStep);
    else if (event.key === "0") picture.current?.showAll();
    else if (direction !== undefined && here !== undefined) {
      const { spots } = scene.layout;
      const next = nearest(spots, here, direction);
      if (current === undefined && spots[0] !== undefined) go(spots[0].node);
      else if (next !== undefined) go(next.node, event.shiftKey);
    } else return;
    event.preventDefault();
  };

  return (
    <div className={classes.overview}>
      <div className={classes.bar}>
        <Finder
          words={words}
          onWords={setWords}
          found={found}
          search={() => foundIn(draft, words)}
          current={current}
          onGo={go}
          onRegion={onRegion}
        />
        <Parts draft={shownDraft} current={current} onRegion={onRegion} />
      </div>
      {isBroken ? (
        <p className={classes.none}>This browser cannot draw the overview. The outline has all of it.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard goes from node to node in it.
        <div className={classes.frame} role="application" aria-label={label} tabIndex={0} onKeyDown={press}>
          <div ref={place} className={classes.picture} aria-hidden="true" />
          <div className={classes.corner}>
            <Button label="Nearer" onClick={() => picture.current?.zoom(zoomStep)}>
              +
            </Button>
            <Button label="Farther" onClick={() => picture.current?.zoom(1 / zoomStep)}>
              −
            </Button>
            <Button onClick={() => picture.current?.showAll()}>All</Button>
          </div>
          {pointed !== undefined && (
            <p className={classes.pointed} aria-hidden="true">
              <TextOf text={said(editor, marks, pointed)} />
            </p>
          )}
        </div>
      )}
    </div>
  );
};

const label = "Overview: arrow keys go from node to node, E draws what is around one, the question mark lists all keys";

/** The ends of the edges, or of the ways through the firewalls. */
const endsOf = (draft: Draft, ways: ReadonlyArray<Way> | undefined): ReadonlyArray<readonly [string, string]> =>
  ways === undefined
    ? draft.edges.map(({ from, to }) => [textOf(from), textOf(to)] as const)
    : ways.flatMap(({ from, to }) => (from === undefined ? [] : [[from.node, to.node] as const]));

/** What a double click takes to the canvas. */
const regionAt = (place: Box | Spot): Region => {
  if ("node" in place) return { kind: "around", node: place.node };
  return place.host === undefined ? { kind: "found", words: "" } : { kind: "host", host: place.host };
};

/** What is under the pointer, in words: from far away, names are not drawn. */
const said = ({ draft }: Editor, marks: Marks, place: Box | Spot): string => {
  const name = "node" in place ? place.node : (place.host ?? "");
  if (name === "") return "on no host";
  const fields = elementsOf(draft).get(nodeKey(name))?.fields;
  const where = "node" in place ? (place.host === undefined ? "on no host" : `on ${place.host}`) : `wave ${place.wave}`;
  return [name, textOf(fields?.type), where, marks.get(nodeKey(name)) ?? ""].filter((part) => part !== "").join(" · ");
};

export default Overview;
