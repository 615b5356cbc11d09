import { lazy, Suspense, useState } from "react";
import type { DocumentOf } from "../../../../contract/views/mod.ts";
import { useDomain } from "../../data/domain.ts";
import { Check } from "../../design/field.tsx";
import { List, ListItem } from "../../design/list.tsx";
import { Tabs } from "../../design/tabs.tsx";
import { TextOf } from "../../design/text-of.tsx";
import { Flake } from "../../parts/text/flake.tsx";
import classes from "./diff.module.css";
import type { Found } from "./use-side.ts";

const TextView = lazy(() => import("../../parts/text/text-view.tsx"));

const Words = ({ texts, none }: { readonly texts: ReadonlyArray<string> | undefined; readonly none: string }) => {
  if (texts === undefined) return <p className={classes.quiet}>They cannot be compared in words: see their JSON.</p>;
  if (texts.length === 0) return <p>{none}</p>;
  return (
    <List label="What differs">
      {texts.map((text) => (
        <ListItem key={text}>
          <TextOf text={text} />
        </ListItem>
      ))}
    </List>
  );
};

const Json = ({ before, after }: { readonly before: string | undefined; readonly after: string | undefined }) => {
  const [isWhole, setWhole] = useState(false);
  if (before === undefined || after === undefined) return <div aria-busy="true" />;
  return (
    <div className={classes.page}>
      <Check label="Also what has not changed" checked={isWhole} onChange={setWhole} />
      <Suspense fallback={<div aria-busy="true" />}>
        <TextView label="What differs, as JSON" text={after} before={before} isWhole={isWhole} />
      </Suspense>
    </div>
  );
};

type Graph = Extract<Found, { readonly state: "graph" }>;
type Host = Extract<Found, { readonly state: "host" }>;

interface Shown {
  readonly tab: string;
  readonly onTab: (tab: string) => void;
}

/** Two graphs: what the domain says differs, their JSON, and the flakes that they become. */
export const ComparedGraphs = ({
  before,
  after,
  tab,
  onTab,
}: Shown & { readonly before: Graph; readonly after: Graph }) => {
  const texts = useDomain("changesBetween", before.document, after.document);
  const left = useDomain("graphText", before.document);
  const right = useDomain("graphText", after.document);
  return (
    <Tabs
      label="How it is compared"
      value={["words", "json", "nix"].includes(tab) ? tab : "words"}
      onChange={onTab}
      tabs={[
        {
          key: "words",
          name: "In words",
          content: <Words texts={texts ?? []} none={texts === undefined ? "…" : "They say the same."} />,
        },
        { key: "json", name: "JSON", content: <Json before={left} after={right} /> },
        { key: "nix", name: "Nix", content: <Flake of={after.at} before={before.at} /> },
      ]}
    />
  );
};

const textOf = (value: object | undefined): string =>
  value === undefined ? "nothing is known of it\n" : `${JSON.stringify(value, null, 2)}\n`;

/** Two states of hosts. If they are what a host should be and what it is, the domain says how it has drifted. */
export const ComparedHosts = ({
  before,
  after,
  isDrift,
  tab,
  onTab,
}: Shown & { readonly before: Host; readonly after: Host; readonly isDrift: boolean }) => {
  const drift = useDomain("driftOf", isDrift ? after.document : undefined);
  return (
    <Tabs
      label="How it is compared"
      value={tab === "json" || !isDrift ? "json" : "words"}
      onChange={onTab}
      tabs={[
        ...(isDrift
          ? [{ key: "words", name: "In words", content: <Words texts={drift} none={upToDate(after.document)} /> }]
          : []),
        { key: "json", name: "JSON", content: <Json before={textOf(before.value)} after={textOf(after.value)} /> },
      ]}
    />
  );
};

const upToDate = ({ id, desired }: DocumentOf<"hosts">): string =>
  desired === undefined
    ? `No deployment has said yet what ${id} should be.`
    : `${id} is what ${desired.deployment} made of it.`;
