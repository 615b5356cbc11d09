import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import type { Page, ShownRequest } from "../page.ts";

/** Something that one can do on this screen: it is in the palette, and runs from there. */
export interface ScreenCommand {
  /** What it does, in the words of its button. */
  readonly name: string;
  readonly run: () => void;
}

/** What the frame shows of a screen. */
export interface Screen {
  readonly title: string;
  readonly cim: ReadonlyArray<string>;
  readonly request: ShownRequest;
  readonly commands: ReadonlyArray<ScreenCommand>;
}

interface Holder {
  readonly screen: Screen | undefined;
  readonly setScreen: (screen: Screen | undefined) => void;
}

const HolderContext = createContext<Holder>({ screen: undefined, setScreen: () => undefined });
const ignore = (): void => undefined;
const RefineContext = createContext<(more: Partial<Screen>) => void>(ignore);

/** Holds what the present screen has declared, for the frame around it. */
export const ScreenHolder = ({ children }: { readonly children: ReactNode }) => {
  const [screen, setScreen] = useState<Screen>();
  const holder = useMemo(() => ({ screen, setScreen }), [screen]);
  return <HolderContext value={holder}>{children}</HolderContext>;
};

/** What the present screen has declared; undefined at an address without a page. */
export const useShownScreen = (): Screen | undefined => useContext(HolderContext).screen;

/** Declares what the registry says of a page, as long as it is shown. */
export const ScreenOf = ({
  page,
  parameters,
  children,
}: {
  readonly page: Page;
  readonly parameters: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}) => {
  const { setScreen } = useContext(HolderContext);
  const [more, setMore] = useState<Partial<Screen>>({});
  // The address of one screen never changes: another one is another screen.
  const [declared] = useState(
    (): Screen => ({
      title: page.title(parameters),
      cim: page.cim(parameters),
      request: page.request(parameters),
      commands: [],
    }),
  );
  useEffect(() => {
    setScreen({ ...declared, ...more });
    return () => setScreen(undefined);
  }, [declared, more, setScreen]);
  return <RefineContext value={setMore}>{children}</RefineContext>;
};

/** Shows a page a second time, of which the frame says nothing. */
export const ScreenAside = ({ children }: { readonly children: ReactNode }) => (
  <RefineContext value={ignore}>{children}</RefineContext>
);

/**
 * Declares more of this screen than the registry knows: another title, the `cim` line of what is selected, and the
 * commands that the palette offers. Give values that stay the same while they mean the same (`useMemo`).
 */
export const useScreen = (more: Partial<Screen>): void => {
  const refine = useContext(RefineContext);
  useEffect(() => {
    refine(more);
    return () => refine({});
  }, [more, refine]);
};
