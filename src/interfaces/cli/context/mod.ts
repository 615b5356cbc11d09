import { readFile, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { identityIn } from "../../../contract/credentials.ts";
import { defined } from "../../../domain/kernel/mod.ts";
import { withKeys } from "../connection.ts";
import { CliFailure, exitCode, usageFailure } from "../errors.ts";
import type { CommandGroup, Invocation } from "../invocation.ts";
import { writePrivateFile } from "../private-file.ts";
import { documentLines, table } from "../text.ts";
import {
  type Context,
  contextFolder,
  contextNames,
  findContext,
  type Keeper,
  readContext,
  refuseContextName,
  selectedContext,
  selectionFile,
  withoutSecrets,
} from "./contexts.ts";

const folderOf = ({ host }: Invocation): string => {
  const folder = contextFolder(host.env, "cim");
  if (folder === undefined)
    throw new CliFailure("neither HOME nor XDG_CONFIG_HOME says where contexts are kept: set one");
  return folder;
};

const select = (cli: Invocation, name: string): Promise<void> =>
  writePrivateFile(join(folderOf(cli), "..", selectionFile), `${name}\n`);

/** The options of `add`: where it leaves one out, the environment says it. */
interface Wishes {
  readonly nats?: string;
  readonly as?: string;
  readonly prefix?: string;
  readonly secure?: string;
  readonly credentials?: string;
  readonly ca?: string;
  readonly use?: boolean;
  readonly force?: boolean;
}

const readable = async (file: string, what: string): Promise<string> =>
  readFile(file, "utf8").catch((error: unknown) => {
    throw new CliFailure(`${file}, the file of ${what}, cannot be read: correct its name`, { cause: error });
  });

const refuseUseless = async ({ credentials, ca, secure }: Context): Promise<void> => {
  if (credentials !== undefined && identityIn(await readable(credentials, "credentials")) === undefined)
    throw new CliFailure(`${credentials} has no credentials: name the .creds file of a user`);
  if (ca !== undefined && !(await readable(ca, "certificates")).includes("BEGIN CERTIFICATE"))
    throw new CliFailure(`${ca} has no certificate: name the ca.pem of the installation`);
  if (secure === undefined) return;
  const { readInstallation } = await import("../../../infrastructure/security/mod.ts");
  await withKeys(() => readInstallation(secure));
};

const shown = (name: string, keeper: Keeper, { servers, ...context }: Context, selected: boolean) => ({
  name,
  of: keeper,
  selected,
  ...defined({ servers: servers === undefined ? undefined : withoutSecrets(servers) }),
  ...context,
});

const add = (name: string, wishes: Wishes) => async (cli: Invocation) => {
  refuseContextName(name);
  const { env } = cli.host;
  const text = (given: string | undefined, variable: string) => given ?? (env[variable] || undefined);
  const path = (given: string | undefined, variable: string) => {
    const file = text(given, variable);
    return file === undefined ? undefined : resolve(file);
  };
  const context: Context = defined({
    servers: text(wishes.nats, "CIM_NATS"),
    credentials: path(wishes.credentials, "CIM_CREDENTIALS"),
    ca: path(wishes.ca, "CIM_CA"),
    secure: path(wishes.secure, "CIM_SECURE"),
    prefix: text(wishes.prefix, "CIM_PREFIX"),
    principal: text(wishes.as, "CIM_PRINCIPAL"),
  });
  if (Object.keys(context).length === 0)
    throw usageFailure("say what the context holds: --nats, --credentials, --ca, --secure, --prefix or --as");
  const folder = folderOf(cli);
  if (wishes.force !== true && contextNames(env, "cim").includes(name))
    throw new CliFailure(`there is a context \`${name}\` already: replace it with --force`);
  await refuseUseless(context);
  // A URL may have a password.
  await writePrivateFile(join(folder, `${name}.json`), `${JSON.stringify(context, undefined, 2)}\n`);
  if (wishes.use === true) await select(cli, name);
  const selected = selectedContext(env) === name;
  if (cli.output.json) cli.output.document(shown(name, "cim", context, selected));
  cli.output.result(
    `${name} is a context${selected ? ", and selected" : `: use it with --context ${name}, or \`cim context use ${name}\``}`,
  );
  return exitCode.done;
};

const use =
  (name: string | undefined, { none }: { readonly none?: boolean }) =>
  async (cli: Invocation) => {
    if ((name === undefined) !== (none === true)) throw usageFailure("name a context, or say --none");
    if (name === undefined) await rm(join(folderOf(cli), "..", selectionFile), { force: true });
    else {
      findContext(cli.host.env, name);
      await select(cli, name);
    }
    if (cli.output.json) cli.output.document({ selected: name ?? null });
    cli.output.result(name === undefined ? "no context is selected" : `${name} is selected`);
    return exitCode.done;
  };

const list = () => async (cli: Invocation) => {
  const { env } = cli.host;
  const selected = selectedContext(env);
  const own = contextNames(env, "cim");
  const all = [
    ...own.map((name) => [name, "cim"] as const),
    ...contextNames(env, "nats")
      .filter((name) => !own.includes(name))
      .map((name) => [name, "nats"] as const),
  ];
  const items = all.map(([name, keeper]) => {
    try {
      return shown(name, keeper, readContext(env, name, keeper) ?? {}, name === selected);
    } catch (error) {
      if (!(error instanceof CliFailure)) throw error;
      // One that is of no use hides no other.
      cli.output.note(error.message);
      return shown(name, keeper, {}, name === selected);
    }
  });
  if (cli.output.json) cli.output.document({ items });
  const rows = items.map(({ name, of, servers, principal, credentials, secure, selected: is }) => [
    `${name}${is ? " *" : ""}`,
    of,
    servers ?? "",
    principal ?? "",
    credentials ?? secure ?? "",
  ]);
  cli.output.result(
    rows.length === 0
      ? "there are no contexts: add one with `cim context add NAME --nats URL`"
      : table(["CONTEXT", "OF", "SERVERS", "AS", "CREDENTIALS"], rows),
  );
  return exitCode.done;
};

const show = (given: string | undefined) => async (cli: Invocation) => {
  const { env } = cli.host;
  const selected = selectedContext(env);
  const name = given ?? selected;
  if (name === undefined) throw usageFailure("no context is selected: name one");
  const [context, keeper] = findContext(env, name);
  const document = shown(name, keeper, context, name === selected);
  if (cli.output.json) cli.output.document(document);
  cli.output.result(documentLines(document));
  return exitCode.done;
};

const remove = (name: string) => async (cli: Invocation) => {
  const { env } = cli.host;
  const folder = folderOf(cli);
  if (!contextNames(env, "cim").includes(name)) {
    const [, keeper] = findContext(env, name);
    throw new CliFailure(`\`${name}\` is a context of the ${keeper} command line: remove it with \`nats context rm\``);
  }
  await rm(join(folder, `${name}.json`), { force: true });
  const isSelected = selectedContext(env) === name;
  if (isSelected) await rm(join(folder, "..", selectionFile), { force: true });
  if (cli.output.json) cli.output.document({ removed: name });
  cli.output.result(`${name} is removed${isSelected ? ", and no context is selected" : ""}`);
  return exitCode.done;
};

/** `cim context`: installations by name, so that a line needs no URL and no files of credentials. */
export const contextGroup: CommandGroup = (program, runner) => {
  const group = program
    .command("context")
    .description(
      "Installations by name: servers, credentials, prefix and principal. Also those of the nats command line.",
    );
  group
    .command("add <name>")
    .description("Keeps what this line and the environment say under a name.")
    .option("--credentials <file>", "the .creds file of a user (default: $CIM_CREDENTIALS)")
    .option("--ca <file>", "the certificates by which the servers are known (default: $CIM_CA)")
    .option("--use", "select it as well")
    .option("--force", "replace one that is there")
    .action((name: string, wishes: Wishes, command: Command) => runner.run(command, add(name, wishes)));
  group
    .command("use [name]")
    .description("Selects the context for lines that name no server and no credentials.")
    .option("--none", "select none")
    .action((name: string | undefined, options, command) => runner.run(command, use(name, options)));
  group
    .command("list")
    .description("Lists the contexts; the selected one has a star.")
    .action((_options, command) => runner.run(command, list()));
  group
    .command("show [name]")
    .description("Shows a context, or the selected one, without passwords.")
    .action((name: string | undefined, _options, command) => runner.run(command, show(name)));
  group
    .command("remove <name>")
    .description("Removes a context. Its files of credentials stay.")
    .action((name: string, _options, command) => runner.run(command, remove(name)));
};
