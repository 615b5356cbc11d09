import { lazy, Suspense } from "react";
import { WithSession } from "./data/session.tsx";
import { Announcer } from "./design/live-region.tsx";
import { Broken } from "./frame/broken.tsx";
import { Frame } from "./frame/frame.tsx";
import { useMatch } from "./frame/match.ts";
import { Beginning, NotFound } from "./frame/no-page.tsx";
import { ScreenOf } from "./frame/screen.tsx";
import type { Page } from "./page.ts";
import { pages } from "./registry.ts";

/** Milliseconds before a part of the program is fetched again that did not come. */
const waits = [500, 1_000, 2_000, 4_000, 8_000];

/** Loads a page, also while the connection comes and goes. */
const loaded = async (page: Page): ReturnType<Page["load"]> => {
  for (const wait of waits)
    try {
      return await page.load();
    } catch {
      await new Promise((wake) => setTimeout(wake, wait));
    }
  return page.load();
};

const contents = new Map(pages.map((page) => [page, lazy(() => loaded(page))]));

/** The page of the address. */
const Shown = () => {
  const match = useMatch();
  const Content = match && contents.get(match.page);
  if (match === undefined || Content === undefined) return <NotFound />;
  const { page, parameters } = match;
  // Another document is another page: nothing that one has typed may end up in it.
  const key = `${page.path} ${JSON.stringify(parameters)}`;
  return (
    <ScreenOf key={key} page={page} parameters={parameters}>
      <Broken>
        <Suspense>
          <Content {...parameters} />
        </Suspense>
      </Broken>
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
