/**
 * What a text would do if a shell ran it, as far as one sees without running it: whether it runs a program that it
 * fetches from the net, and whether it opens a shell to the net. Quotes are not followed, so that what is quoted for an
 * inner shell is seen too. This is not a sandbox: who hides on purpose finds a way that no reading shows.
 */

const named = (names: string): ReadonlySet<string> => new Set(names.split(" "));

/** Programs that write what they fetch to their output or to a file. */
const fetchers = named("curl wget wget2 aria2c fetch lwp-download lynx");
/** Programs that pass bytes between their input and output and the net. */
const connectors = named("nc ncat netcat nc.traditional nc.openbsd socat telnet s_client");
const shells = named("sh bash dash ash zsh ksh mksh fish");
const interpreters = /^(?:python|perl|ruby|node|php|lua)[\d.]*$/;
/** Programs that run the command that follows them. */
const wrappers = named("sudo doas env nohup exec command time nice timeout setsid busybox then do");
const standardInput = named("- /dev/stdin /dev/fd/0 /proc/self/fd/0");
const nothingThere: ReadonlySet<string> = new Set();

/** Texts without any of these words do nothing of the kind, and cost one search. */
const worthALook =
  /curl|wget|aria2c|fetch|lwp-download|lynx|\bnc\b|ncat|netcat|socat|telnet|s_client|\/dev\/(?:tcp|udp)\//i;

/** The stages of a pipeline, each as its words. */
type Pipeline = ReadonlyArray<ReadonlyArray<string>>;

const wordsIn = (stage: string): ReadonlyArray<string> =>
  stage
    .replace(/\d?>>?(?!&)/g, " > ")
    .split(/[\s"'`(){}]+/)
    .filter((word) => word !== "");

const pipelinesIn = (text: string): ReadonlyArray<Pipeline> =>
  text
    .replaceAll("\\\n", " ")
    .split(/;|&&|\|\||\n|\s&\s/)
    .map((pipeline) => pipeline.split(/\|&?/).map(wordsIn));

/** The program that a word names, by its path or not. The address of something on the net names none. */
const programIn = (word: string): string => (word.includes("://") ? "" : word.slice(word.lastIndexOf("/") + 1));

const indexOfAny = (words: ReadonlyArray<string>, names: ReadonlySet<string>): number =>
  words.findIndex((word) => names.has(programIn(word)));

const isPrefix = (word: string, index: number): boolean =>
  wrappers.has(programIn(word)) || word.startsWith("-") || /^\w+=/.test(word) || index > 0;

/** The program of a stage with its arguments up to a redirection: what `sudo` or `env` runs, rather than these. */
const commandOf = (stage: ReadonlyArray<string>, isOne: (program: string) => boolean) => {
  const index = stage.findIndex((word) => isOne(programIn(word)));
  if (index < 0 || !stage.slice(0, index).every(isPrefix)) return undefined;
  const rest = stage.slice(index + 1);
  const end = rest.indexOf(">");
  return { program: programIn(stage[index] ?? ""), args: end < 0 ? rest : rest.slice(0, end) };
};

const isShell = (program: string): boolean => shells.has(program);
const isInterpreter = (program: string): boolean => interpreters.test(program);
const isSource = (program: string): boolean => program === "source" || program === ".";

/** The file that a shell would run with these arguments; `-` if it runs its input, undefined if it runs a given text. */
const scriptOfShell = (args: ReadonlyArray<string>): string | undefined => {
  for (const [index, arg] of args.entries()) {
    if (/^-\w*c/.test(arg)) return undefined;
    if (/^-[a-z]*s/.test(arg)) return "-";
    if (/^[-+]./.test(arg) || arg.startsWith("<") || /^\d?[<>]&/.test(arg)) continue;
    if (/^[-+]\w*o$/.test(args[index - 1] ?? "")) continue;
    return arg;
  }
  return "-";
};

/** The file that a stage runs as a program; `-` if it runs its input. */
const scriptOf = (stage: ReadonlyArray<string>): string | undefined => {
  const shell = commandOf(stage, isShell);
  if (shell !== undefined) return scriptOfShell(shell.args);
  const interpreter = commandOf(stage, isInterpreter);
  if (interpreter !== undefined) return interpreter.args.filter((arg) => arg !== "-u")[0] ?? "-";
  const [first = "", file] = stage;
  return isSource(first) ? file : undefined;
};

const runsItsInput = (stage: ReadonlyArray<string>): boolean => standardInput.has(scriptOf(stage) ?? "");

const fetchesAndPipes = (pipeline: Pipeline): boolean => {
  const from = pipeline.findIndex((stage) => indexOfAny(stage, fetchers) >= 0 || indexOfAny(stage, connectors) >= 0);
  return from >= 0 && pipeline.slice(from + 1).some(runsItsInput);
};

const fileOf = (word: string): string => word.replace(/^\.\//, "");

/** The files that a pipeline fetches from the net. */
const filesFetchedBy = (pipeline: Pipeline): ReadonlySet<string> => {
  const stage = pipeline.find((words) => indexOfAny(words, fetchers) >= 0);
  if (stage === undefined) return nothingThere;
  const words = stage.slice(indexOfAny(stage, fetchers));
  const savesByName = programIn(words[0] ?? "").startsWith("wget") || words.some((word) => /^-[a-zA-Z]*O/.test(word));
  const files = words.flatMap((word, index): ReadonlyArray<string> => {
    if (/^(?:-[a-zA-Z]*[oO]|--output(?:-document)?|>)$/.test(word)) return [words[index + 1] ?? ""];
    const given = /^--output(?:-document)?=(.+)$/.exec(word)?.[1];
    if (given !== undefined) return [given];
    return savesByName && word.includes("://") ? [word.slice(word.lastIndexOf("/") + 1)] : [];
  });
  return new Set(files.map(fileOf).filter((file) => file !== "" && !file.startsWith("-") && file !== "/dev/null"));
};

const runsOneOf = (files: ReadonlySet<string>, stage: ReadonlyArray<string>): boolean => {
  const makesRunnable = programIn(stage[0] ?? "") === "chmod" && stage.slice(1).some((word) => files.has(fileOf(word)));
  const starts = stage.findIndex((word) => files.has(fileOf(word)));
  return (
    makesRunnable ||
    files.has(fileOf(scriptOf(stage) ?? "")) ||
    (starts >= 0 && stage.slice(0, starts).every(isWrapper))
  );
};
const isWrapper = (word: string): boolean => wrappers.has(programIn(word)) || /^\w+=/.test(word);

const runsWhatItSaved = (pipelines: ReadonlyArray<Pipeline>): boolean => {
  const files = new Set<string>();
  for (const pipeline of pipelines) {
    if (files.size > 0 && pipeline.some((stage) => runsOneOf(files, stage))) return true;
    for (const file of filesFetchedBy(pipeline)) files.add(file);
  }
  return false;
};

const anyFetcher =
  "\\s*(?:sudo\\s+|command\\s+)?[\\w.~/-]{0,200}?(?<![\\w-])(?:curl|wget2?|aria2c|fetch|lynx)(?![\\w-])";
const anyShell = "(?<![\\w.-])(?:(?:ba|da|a|z|k|mk|fi)?sh|source|\\.|python[\\d.]*|perl|ruby|node|php)";
const output = "[\"'\\\\\\s]*(?:\\$\\(|`)";
/** `bash <(curl …)`, `sh -c "$(curl …)"`, `bash <<< "$(curl …)"` and `eval "$(curl …)"`. */
const substituted = new RegExp(
  [
    `${anyShell}(?:\\s+-[^\\s'"]+){0,8}\\s+["']?(?:<\\s*)?<\\(${anyFetcher}`,
    `${anyShell}(?:\\s+-[^\\s'"]+){0,8}\\s+-\\w*[ce]${output}${anyFetcher}`,
    `${anyShell}(?:\\s+-[^\\s'"]+){0,8}\\s*<<<${output}${anyFetcher}`,
    `(?<![\\w.-])eval\\s${output}${anyFetcher}`,
  ].join("|"),
);

/** Whether a text fetches a program from the net and runs it. */
export const runsFetchedProgram = (text: string): boolean => {
  if (!worthALook.test(text)) return false;
  const pipelines = pipelinesIn(text);
  return substituted.test(text) || pipelines.some(fetchesAndPipes) || runsWhatItSaved(pipelines);
};

/** `nc -e /bin/sh`, `ncat --sh-exec sh`, `nc -c bash`, `socat … EXEC:sh`. */
const givesShell = (stage: ReadonlyArray<string>): boolean => {
  const index = indexOfAny(stage, connectors);
  if (index < 0) return false;
  const args = stage.slice(index + 1);
  if (programIn(stage[index] ?? "") === "socat") return args.some((arg) => /(?:EXEC|SYSTEM|SHELL):/i.test(arg));
  return args.some(
    (arg, at) =>
      /^(?:-[a-zA-Z]*e(?:\/.*)?|--(?:sh-|lua-)?exec(?:=.*)?)$/.test(arg) ||
      (/^-[a-zA-Z]*c$/.test(arg) && isShell(programIn(args[at + 1] ?? ""))),
  );
};

const isInteractive = (stage: ReadonlyArray<string>): boolean =>
  commandOf(stage, isShell)?.args.some((arg) => /^-[a-z]*i/.test(arg)) === true;

/** `sh -i | nc …`, or a shell between a connector and a pipe with a name (mkfifo(1)) that leads back to it. */
const pipesShell = (pipeline: Pipeline, hasNamedPipe: boolean): boolean => {
  const to = pipeline.findLastIndex((stage) => indexOfAny(stage, connectors) >= 0);
  return pipeline
    .slice(0, Math.max(0, to))
    .some((stage) => isInteractive(stage) || (hasNamedPipe && runsItsInput(stage)));
};

/** A connection of bash. What stays on the host is left out, and so is a probe: `</dev/tcp/db/5432`. */
const remote = "/dev/(?:tcp|udp)/(?!(?:localhost|127\\.[\\d.]+|\\[?::1\\]?)/)";
const shellOverConnection = new RegExp(
  [
    `(?:<>|>&|&>)\\s*${remote}`,
    `exec\\s+\\d*<\\s*${remote}`,
    `(?<![\\w.-])(?:(?:ba|z|k|mk)?sh(?:\\s+-[a-z]+){0,4}|source|\\.)\\s*<?\\s*${remote}`,
    `${remote}[^|;&\\n]{0,300}\\|\\s*(?:sudo\\s+)?(?:[\\w./-]{0,100}/)?(?:ba|da|z|k|a)?sh(?![\\w.-])`,
    `${remote}[^;\\n]{0,100}0[<>]&1`,
  ].join("|"),
);

/** Whether a text opens a shell to the net. */
export const opensShellToNet = (text: string): boolean => {
  if (!worthALook.test(text)) return false;
  const hasNamedPipe = /mkfifo|mknod/.test(text);
  return (
    shellOverConnection.test(text) ||
    pipelinesIn(text).some((pipeline) => pipeline.some(givesShell) || pipesShell(pipeline, hasNamedPipe))
  );
};
