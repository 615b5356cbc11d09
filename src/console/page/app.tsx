import { lazy, Suspense } from "react";
import { useBeside } from "./data/at.ts";
import { WithSession } from "./data/session.tsx";
import { Announcer } from "./design/live-region.tsx";
import { Beside } from "./frame/beside.tsx";
import { Frame } from "./frame/frame.tsx";
import { useMatch } from "./frame/match.ts";
import { Beginning, NotFound } from "./frame/no-page.tsx";
import { ScreenOf } from "./frame/screen.tsx";
import { pages } from "./registry.ts";

const contents = new Map(pages.map((page) => [page, lazy(page.load)]));

/** The page of the address. */
const Shown = () => {
  const match = useMatch();
  const [isBeside] = useBeside();
  const Content = match && contents.get(match.page);
  if (match === undefined || Content === undefined) return <NotFound />;
  const { page, parameters } = match;
  const content = (
    <Suspense>
      <Content {...parameters} />
    </Suspense>
  );
  // Another document is another page: nothing that one has typed may end up in it.
  const key = `${page.path} ${JSON.stringify(parameters)}`;
  return (
    <ScreenOf key={key} page={page} parameters={parameters}>
      {isBeside ? <Beside>{content}</Beside> : content}
    </ScreenOf>
  );
};

/** The console: the frame, and in it the page of the address. */
export const App = () => (
  <Announcer>
    <WithSession otherwise={(state) => <Beginning state={state} />}>
      <Frame>
        <Shown />
      </Frame>
    </WithSession>
  </Announcer>
);
