/** The colours of the present theme, for what is drawn and not styled. */
export interface Colours {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly edge: string;
  readonly surface: string;
  readonly sunken: string;
  readonly accent: string;
  readonly warn: string;
  readonly bad: string;
  readonly font: string;
}

/** Reads the tokens as they are now. */
export const coloursNow = (): Colours => {
  const probe = document.createElement("span");
  document.body.append(probe);
  const of = (token: string) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };
  const colours = {
    text: of("--text"),
    muted: of("--muted"),
    line: of("--line"),
    edge: of("--edge"),
    surface: of("--surface"),
    sunken: of("--sunken"),
    accent: of("--accent"),
    warn: of("--warn"),
    bad: of("--bad"),
    font: getComputedStyle(document.body).fontFamily,
  };
  probe.remove();
  return colours;
};
