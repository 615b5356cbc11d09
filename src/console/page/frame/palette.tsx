import { Dialog as Base } from "@base-ui/react/dialog";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { useLocation } from "wouter";
import { type Entity, useEntities } from "../data/entities.ts";
import { useHref } from "../design/to.tsx";
import { type SectionName, sections } from "../page.ts";
import classes from "./palette.module.css";
import { useShownScreen } from "./screen.tsx";

interface Choice {
  readonly key: string;
  readonly name: string;
  /** What it is: a page, a graph, a command of this screen. */
  readonly kind: string;
  readonly run: () => void;
}

/** Choices in sight at once. */
const most = 50;

/** Whether every word of the question is in the text, in any order. */
const fits = (question: string, text: string): boolean =>
  question
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.toLowerCase().includes(word));

/** Search and commands: every page, every thing that has a page, and what one can do on this screen. Ctrl-K opens it. */
export const Palette = () => {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    const open = (event: globalThis.KeyboardEvent) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      setIsOpen(true);
    };
    addEventListener("keydown", open);
    return () => removeEventListener("keydown", open);
  }, []);
  return (
    <Base.Root open={isOpen} onOpenChange={setIsOpen}>
      <Base.Trigger className={classes.trigger}>
        <span className={classes.long}>Search or do anything</span>
        <span className={classes.short}>Search</span> <kbd>Ctrl K</kbd>
      </Base.Trigger>
      <Base.Portal>
        <Base.Backdrop className={classes.backdrop} />
        <Base.Popup className={classes.popup}>
          <Base.Title className="unseen">Search or do anything</Base.Title>
          <Search onDone={() => setIsOpen(false)} />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
};

const Search = ({ onDone }: { readonly onDone: () => void }) => {
  const [question, setQuestion] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  const all = useChoices(question);
  const choices = useMemo(
    () => all.filter(({ name, kind }) => fits(question, `${kind} ${name}`)).slice(0, most),
    [all, question],
  );
  const at = Math.min(chosen, choices.length - 1);
  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });
  const run = (choice: Choice | undefined) => {
    if (choice === undefined) return;
    onDone();
    choice.run();
  };
  const press = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      setChosen(Math.min(Math.max(0, at + step), choices.length - 1));
    } else if (event.key === "Enter") {
      event.preventDefault();
      run(choices[at]);
    }
  };
  return (
    <>
      <input
        className={classes.input}
        placeholder="A page, a graph, a deployment, a host, a command …"
        aria-label="Search or do anything"
        role="combobox"
        aria-expanded={true}
        aria-controls={id}
        aria-autocomplete="list"
        aria-activedescendant={choices.length > 0 ? `${id}-${at}` : undefined}
        value={question}
        onChange={({ target }) => {
          setQuestion(target.value);
          setChosen(0);
        }}
        onKeyDown={press}
      />
      <div ref={list} id={id} role="listbox" aria-label="Found" className={classes.list}>
        {choices.map((choice, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keyboard.
          <div
            key={choice.key}
            id={`${id}-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.choice}
            onClick={() => run(choice)}
          >
            <span>{choice.name}</span> <span className={classes.kind}>{choice.kind}</span>
          </div>
        ))}
      </div>
      {choices.length === 0 && <p className={classes.none}>Nothing has these words.</p>}
    </>
  );
};

/** Everything that can be chosen: commands of this screen first, then pages, then things. */
const useChoices = (question: string): ReadonlyArray<Choice> => {
  const screen = useShownScreen();
  const [, go] = useLocation();
  const hrefAt = useHref();
  const entities = useEntities(question);
  return useMemo(() => {
    const commands = screen?.commands ?? [];
    const names = Object.keys(sections) as ReadonlyArray<SectionName>;
    return [
      ...commands.map(({ name, run }) => ({ key: `do ${name}`, name, kind: "on this screen", run })),
      ...names.map((name) => ({
        key: `page ${name}`,
        name: sections[name].name,
        kind: "page",
        run: () => go(hrefAt(sections[name].href)),
      })),
      ...entities.map(({ kind, id, href, title }: Entity) => ({
        key: href,
        name: title === undefined || title === id ? id : `${title} · ${id}`,
        kind,
        run: () => go(hrefAt(href)),
      })),
    ];
  }, [screen, entities, go, hrefAt]);
};
