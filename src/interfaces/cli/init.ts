import { writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { Result, Schema } from "effect";
import { isAddress } from "../../domain/graph/addresses.ts";
import { decodeGraphDocument, problemsIn } from "../../domain/graph/problems.ts";
import { defined, Name } from "../../domain/kernel/mod.ts";
import type { AdoptOptions } from "./adopt.ts";
import { CliFailure, exitCode, messageOf, systemCode, usageFailure } from "./errors.ts";
import { textForFile } from "./graph/graph-file.ts";
import type { CommandGroup, Invocation } from "./invocation.ts";
import { sshOptions } from "./nixos-options.ts";
import { integer } from "./settings.ts";

interface InitOptions extends Pick<AdoptOptions, "user" | "port" | "identityFile" | "sshOption"> {
  readonly id?: string;
  readonly host?: string;
  readonly address?: string;
  readonly service?: string;
  readonly adopt?: boolean;
  readonly force?: boolean;
}

/** Asks for something; an empty answer is the proposal. */
type Ask = (question: string, proposal: string) => Promise<string>;

/** Does something with a way to ask: on a terminal the user, otherwise nobody, so that each answer is the proposal. */
const asking = async <A>({ host, output, signal }: Invocation, use: (ask: Ask) => Promise<A>): Promise<A> => {
  const isTerminal = "isTTY" in host.stdin && host.stdin.isTTY === true && output.live && !output.json;
  if (!isTerminal) return use(async (_, proposal) => proposal);
  const reader = createInterface({ input: host.stdin });
  const lines = reader[Symbol.asyncIterator]();
  try {
    return await use(async (question, proposal) => {
      output.redraw(`${question}${proposal === "" ? "" : ` [${proposal}]`}: `);
      const { done, value } = await lines.next();
      signal.throwIfAborted();
      if (done === true) throw new CliFailure("nothing was written: the questions were not answered");
      return value.trim() || proposal;
    });
  } finally {
    reader.close();
  }
};

const isName = Schema.is(Name);

/** A text as a name: what a name cannot have becomes `-`. */
const nameFrom = (text: string, otherwise: string): string => {
  const name = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "")
    .slice(0, 63);
  return isName(name) ? name : otherwise;
};

const checkedName = (text: string, what: string): string => {
  if (isName(text)) return text;
  throw usageFailure(`${what} \`${text}\`: a name has 1 to 63 letters a-z, digits and -, and begins with a letter`);
};

/** What the first graph is of. */
interface Answers {
  readonly id: string;
  readonly host: string;
  readonly address: string;
  /** The program of a first service. */
  readonly command: string;
  readonly adopts: boolean;
}

const answersTo = async (options: InitOptions, folder: string, ask: Ask): Promise<Answers> => {
  const id = options.id ?? (await ask("name of the graph", nameFrom(basename(folder), "first")));
  const host = options.host ?? (await ask("name of the first host", "leaf-1"));
  const address = options.address ?? (await ask("its address, an IP or a name", ""));
  if (address === "" || !isAddress(address))
    throw usageFailure(`\`${address}\` is neither an IP address nor a name: give --address, such as 10.0.0.11`);
  const command =
    options.service ?? (await ask("a program to run there, such as /run/current-system/sw/bin/web; none", ""));
  const adopts =
    options.adopt ?? /^y(?:es)?$/i.test(await ask("does it run NixOS already, to be read over ssh now? y or n", "n"));
  return { id: checkedName(id, "the graph"), host: checkedName(host, "the host"), address, command, adopts };
};

/** A graph of one host and, if a program is named, of a service on it. */
const firstGraph = ({ id, host, address, command }: Answers) => {
  const machine = { id: host, type: "host", system: "x86_64-linux", address };
  if (command === "") return { id, nodes: [machine], edges: [] };
  const name = nameFrom(basename(command), "service");
  const service = { id: name === host ? `${name}-service` : name, type: "service", command };
  return { id, nodes: [machine, service], edges: [{ from: service.id, to: host, type: "runs-on" }] };
};

const writeNew = async (file: string, text: string, force: boolean): Promise<void> => {
  try {
    await writeFile(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    const why =
      systemCode(error) === "EEXIST"
        ? "is there already: name another file, or replace it with --force"
        : `cannot be written (${messageOf(error)}): name another file`;
    throw new CliFailure(`${file} ${why}`, { cause: error });
  }
};

/** Writes a first graph into a file. What the options leave open is asked on a terminal. */
export const init =
  (file: string, options: InitOptions) =>
  async (cli: Invocation): Promise<number> => {
    const { output } = cli;
    const answers = await asking(cli, (ask) => answersTo(options, resolve(file, ".."), ask));
    const document = decodeGraphDocument(firstGraph(answers));
    const problems = Result.isFailure(document) ? document.failure : problemsIn(document.success);
    const errors = problems.filter(({ severity }) => severity === "error");
    if (Result.isFailure(document) || errors.length > 0)
      throw new CliFailure(errors.map(({ message }) => message).join("; "));
    await writeNew(file, textForFile(file, document.success), options.force === true);
    output.note(`wrote ${file}: graph ${answers.id} with host ${answers.host}`);
    if (answers.adopts) {
      const { user, port, identityFile, sshOption } = options;
      const { adopt } = await import("./adopt.ts");
      const how = { graph: file, updateGraph: true, sshOption, ...defined({ user, port, identityFile }) };
      return adopt(answers.host, how)(cli);
    }
    if (output.json) output.document({ file, graph: answers.id, host: answers.host });
    output.result([
      "next:",
      `  cim explain host                 # what a host can have; cim explain: every type`,
      `  cim graph validate ${file}`,
      `  cim up                           # in another terminal`,
      `  cim deploy ${file}               # to a simulated host; --target nixos to the real one`,
    ]);
    return exitCode.done;
  };

/** `cim init`. */
export const initGroup: CommandGroup = (program, runner) => {
  program
    .command("init [file]")
    .description("Writes a first graph, of one host. Asks on a terminal for what the options leave open.")
    .option("--id <name>", "the graph's id (default: the name of the folder)")
    .option("--host <name>", "the host's id (default: leaf-1)")
    .option("--address <address>", "the host's address")
    .option("--service <program>", "a program to run there")
    .option("--adopt", "take over what the host is now, over ssh: see cim hosts adopt")
    .option("--no-adopt", "do not ask whether to")
    .option("--user <user>", "the user who logs in by ssh and may sudo without a password; root unless given")
    .option("--port <port>", "the port of ssh", integer(1))
    .option("--identity-file <file>", "the file of the private key for ssh")
    .addOption(sshOptions())
    .option("--force", "replace a file that is there")
    .action((file: string | undefined, options: InitOptions, command) =>
      runner.run(command, init(file ?? join(".", "graph.json"), options)),
    );
};
