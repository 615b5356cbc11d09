import { type KeyboardEvent, useMemo } from "react";
import type { Draft } from "../../../../designer/draft.ts";
import { type Region, regionName } from "../../../../designer/region.ts";
import { skeletonOf } from "../../../../designer/skeleton.ts";
import { Button } from "../../../design/button.tsx";
import { Field, Select } from "../../../design/field.tsx";
import { TextOf } from "../../../design/text-of.tsx";
import classes from "./overview.module.css";

/** Looks for nodes by their words. `Enter` goes to the next one that was found. */
export const Finder = ({
  words,
  onWords,
  found,
  search,
  current,
  onGo,
  onRegion,
}: {
  readonly words: string;
  readonly onWords: (words: string) => void;
  /** What was found for words that may be a letter behind, and what finds by the words as they are. */
  readonly found: ReadonlyArray<string>;
  readonly search: () => ReadonlyArray<string>;
  readonly current: string | undefined;
  readonly onGo: (node: string) => void;
  readonly onRegion: (region: Region) => void;
}) => {
  const at = current === undefined ? -1 : found.indexOf(current);
  const go = (step: 1 | -1) => {
    const all = search();
    const here = current === undefined ? -1 : all.indexOf(current);
    const next = all.at((Math.max(here, step === 1 ? -1 : 0) + step) % Math.max(1, all.length));
    if (next !== undefined) onGo(next);
  };
  const press = (event: KeyboardEvent) => {
    if (event.key === "Enter") go(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") onWords("");
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className={classes.finder} onKeyDown={press}>
      <Field labelUnseen type="search" label="Find nodes" placeholder="Find nodes" value={words} onChange={onWords} />
      {words.trim() !== "" && (
        <>
          <span role="status">
            {at < 0 ? "" : `${at + 1} of `}
            {found.length} found
          </span>
          <Button disabled={found.length === 0} label="The one before" onClick={() => go(-1)}>
            ‹
          </Button>
          <Button disabled={found.length === 0} label="The next one" onClick={() => go(1)}>
            ›
          </Button>
          <Button disabled={found.length === 0} onClick={() => onRegion({ kind: "found", words: words.trim() })}>
            Draw them
          </Button>
        </>
      )}
    </search>
  );
};

const anyWave = "a wave …";

/** The parts that one can take to the canvas: those of the selected node, or any wave. */
export const Parts = ({
  draft,
  current,
  onRegion,
}: {
  readonly draft: Draft;
  readonly current: string | undefined;
  readonly onRegion: (region: Region) => void;
}) => {
  const { waves } = skeletonOf(draft);
  const regions = useMemo(() => (current === undefined ? [] : regionsOf(draft, current)), [draft, current]);
  const names = waves.map((wave, index) => `wave ${index + 1} (${wave.length} hosts)`);
  return (
    <div role="group" aria-label="Draw a part on the canvas" className={classes.parts}>
      <span className={classes.quiet}>Draw</span>
      {regions.map((region) => (
        <Button key={region.kind} onClick={() => onRegion(region)}>
          <TextOf text={regionName(region)} />
        </Button>
      ))}
      {waves.length > 0 && (
        <Select
          labelUnseen
          label="Draw a wave"
          value={anyWave}
          choices={[anyWave, ...names]}
          onChange={(name) => onRegion({ kind: "wave", wave: names.indexOf(name) + 1 })}
        />
      )}
    </div>
  );
};

/** What there is of a node: what is around it, its host, its wave. */
const regionsOf = (draft: Draft, node: string): ReadonlyArray<Region> => {
  const { placements, residents, waves } = skeletonOf(draft);
  const host = residents.has(node) ? node : placements.get(node)?.[0];
  const wave = host === undefined ? 0 : waves.findIndex((hosts) => hosts.includes(host)) + 1;
  return [
    ...(residents.has(node) ? [] : [{ kind: "around", node } as const]),
    ...(host === undefined ? [] : [{ kind: "host", host } as const]),
    ...(wave === 0 ? [] : [{ kind: "wave", wave } as const]),
  ];
};
