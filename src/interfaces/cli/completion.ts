import { Argument, type Command } from "commander";
import { exitCode } from "./errors.ts";
import type { CommandGroup } from "./invocation.ts";

/** A place on a line: the words of its command, and the words that may follow. */
interface Place {
  readonly path: ReadonlyArray<string>;
  readonly commands: ReadonlyArray<string>;
  readonly options: ReadonlyArray<string>;
}

const optionsOf = (command: Command): ReadonlyArray<string> =>
  command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => long ?? []);

/** The words that the arguments of a command can be, if they are a choice. */
const choicesOf = (command: Command): ReadonlyArray<string> =>
  command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);

const placesOf = (command: Command, path: ReadonlyArray<string> = []): ReadonlyArray<Place> => [
  {
    path,
    commands: [...command.commands.map((one) => one.name()), ...choicesOf(command)],
    options: optionsOf(command),
  },
  ...command.commands.flatMap((one) => placesOf(one, [...path, one.name()])),
];

/** The longest path first, because a shell takes the first that fits. */
const bash = (places: ReadonlyArray<Place>): string => {
  const cases = places
    .toSorted((one, other) => other.path.length - one.path.length)
    .map(
      ({ path, commands, options }) =>
        `    ${JSON.stringify(["", ...path].join(" "))}*) words=${JSON.stringify([...commands, ...options].join(" "))} ;;`,
    );
  return [
    "_cim() {",
    '  local path="" word words=""',
    `  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do`,
    '    case "$word" in -*) ;; *) path="$path $word" ;; esac',
    "  done",
    '  case "$path" in',
    ...cases,
    "  esac",
    `  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))`,
    "}",
    "complete -o default -F _cim cim",
    "",
  ].join("\n");
};

const zsh = (places: ReadonlyArray<Place>): string =>
  ["autoload -U +X compinit && compinit", "autoload -U +X bashcompinit && bashcompinit", bash(places)].join("\n");

/** A line of fish: what it offers where all these conditions hold. */
const fishLine = (conditions: ReadonlyArray<string>, offer: string): string =>
  ["complete -c cim", ...(conditions.length === 0 ? [] : [`-n '${conditions.join("; and ")}'`]), offer].join(" ");

const fish = (places: ReadonlyArray<Place>): string => {
  const lines = places.flatMap(({ path, commands, options }) => {
    const words = commands.join(" ");
    const seen = path.map((word) => `__fish_seen_subcommand_from ${word}`);
    const before =
      path.length === 0 ? ["__fish_use_subcommand"] : [...seen, `not __fish_seen_subcommand_from ${words}`];
    return [
      ...(commands.length === 0 ? [] : [fishLine(before, `-a '${words}'`)]),
      ...options.map((option) => fishLine(seen, `-l ${option.slice(2)}`)),
    ];
  });
  return `${lines.join("\n")}\n`;
};

const shells = { bash, zsh, fish } as const;
type Shell = keyof typeof shells;

/** `cim completion`: a script that has a shell complete commands, options and choices. */
export const completion: CommandGroup = (program, runner) => {
  program
    .command("completion")
    .description("Prints a script that completes commands and options in a shell.")
    .addArgument(new Argument("<shell>").choices(Object.keys(shells)))
    .addHelpText("after", "\nExample: cim completion bash > ~/.local/share/bash-completion/completions/cim")
    .action((shell: Shell, _, command) =>
      runner.run(command, async (cli) => {
        const text = shells[shell](placesOf(program));
        if (cli.output.json) cli.output.document({ shell, text });
        cli.output.file(text);
        return exitCode.done;
      }),
    );
};
