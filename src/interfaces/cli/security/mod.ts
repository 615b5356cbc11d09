import { join } from "node:path";
import { Argument, type Command, InvalidArgumentError } from "commander";
import { names, readerPlaces } from "../../../contract/names.ts";
import { permissionsOf, shortened } from "../../../contract/permissions.ts";
import { type Role, roles } from "../../../domain/kernel/mod.ts";
import type { Rotated } from "../../../infrastructure/security/rotation.ts";
import { accessTo, withKeys } from "../connection.ts";
import { exitCode, usageFailure } from "../errors.ts";
import type { CommandGroup, Invocation } from "../invocation.ts";
import { integer } from "../settings.ts";
import { table } from "../text.ts";
import { defaultDays, newInstallation } from "./new-installation.ts";

const security = () => import("../../../infrastructure/security/mod.ts");
type Security = Awaited<ReturnType<typeof security>>;
type Changed = Awaited<ReturnType<Security["addUser"]>>;

const role = (text: string, before: ReadonlyArray<Role> = []): ReadonlyArray<Role> => {
  const known = roles.find((one) => one === text);
  if (known === undefined) throw new InvalidArgumentError(`It must be one of ${roles.join(", ")}.`);
  return [...before, known];
};

const listed = (text: string, before: ReadonlyArray<string> = []): ReadonlyArray<string> => [...before, text];

const folderOf = ({ settings }: Invocation): string => {
  if (settings.secure === undefined)
    throw usageFailure("name the folder of the keys with --secure FOLDER, or in CIM_SECURE");
  return settings.secure;
};

/** How somebody connects with a file of credentials. */
const connecting = (folder: string, name: string): ReadonlyArray<string> => [
  `  give them ${join(folder, "creds", `${name}.creds`)} and ${join(folder, "tls", "ca.pem")}, to connect with:`,
  `    export CIM_CREDENTIALS=${name}.creds CIM_CA=ca.pem`,
];

const init =
  (folder: string, { host = [] }: { readonly host?: ReadonlyArray<string> }) =>
  (cli: Invocation) =>
    withKeys(async () => {
      const { initSecurity } = await security();
      const wanted = { ...newInstallation(cli.settings), hosts: host };
      const { users } = await initSecurity(folder, wanted);
      const { output } = cli;
      if (output.json)
        output.document({ folder, users: users.map(({ name, roles: given }) => ({ name, roles: given })) });
      output.result([
        `the keys of a closed installation are in ${folder}, for ${users.map(({ name }) => name).join(", ")}`,
        `  start it with \`cim up --secure ${folder}\``,
        `  keep ${join(folder, "keys", "operator.nk")} elsewhere: whoever has it can make every other key, and only \`cim security rotate\` needs it`,
        "  whoever has the folder can be everybody: it belongs to the backend's machine, and into a backup that is locked",
      ]);
      return exitCode.done;
    });

/** Tells the servers that run of accounts that have changed. One that is down reads them when it starts. */
const told = async (cli: Invocation, folder: string, { accounts }: Changed): Promise<void> => {
  const { pushAccounts } = await import("../../../infrastructure/security/push.ts");
  const { servers } = await accessTo(cli.settings.nats, cli.host.env);
  const answered = await pushAccounts(folder, servers, accounts);
  cli.output.note(
    answered
      ? "the nats-server knows it"
      : `no nats-server of this installation answers at ${[servers].flat().join(", ")}: it knows of this when it starts again`,
  );
};

const userDocument = ({ installation }: Changed, name: string) =>
  installation.users.find((user) => user.name === name) ?? { name };

interface UserOptions {
  readonly role: ReadonlyArray<Role>;
  readonly agent?: boolean;
  readonly days: number;
}

const add = (name: string, options: UserOptions) => (cli: Invocation) =>
  withKeys(async () => {
    const folder = folderOf(cli);
    const { addUser } = await security();
    const kind = options.agent === true ? "agent" : "person";
    const changed = await addUser(folder, { name, kind, roles: options.role, days: options.days });
    const { output } = cli;
    if (output.json) output.document(userDocument(changed, name));
    output.result([
      `${name} can connect as ${options.role.join(", ")} for ${options.days} days`,
      ...connecting(folder, name),
      `  what it may do, an admin says: \`cim agents admit ${name} ${options.role.join(" ")} --kind ${kind} --as admin\``,
    ]);
    await told(cli, folder, changed);
    return exitCode.done;
  });

const renew =
  (name: string, { days }: { readonly days: number }) =>
  (cli: Invocation) =>
    withKeys(async () => {
      const folder = folderOf(cli);
      const { renewUser } = await security();
      const changed = await renewUser(folder, name, days);
      if (cli.output.json) cli.output.document(userDocument(changed, name));
      cli.output.result([`${name} can connect for ${days} days more`, ...connecting(folder, name)]);
      return exitCode.done;
    });

const revoke = (name: string) => (cli: Invocation) =>
  withKeys(async () => {
    const folder = folderOf(cli);
    const { revokeUser } = await security();
    const changed = await revokeUser(folder, name);
    if (cli.output.json) cli.output.document(userDocument(changed, name));
    cli.output.result([
      `what was signed for ${name} up to now does not count any more`,
      `  its role and its ballots remain: \`cim agents suspend ${name} --reason TEXT --as admin\` strikes them`,
    ]);
    await told(cli, folder, changed);
    return exitCode.done;
  });

const list = () => (cli: Invocation) =>
  withKeys(async () => {
    const { readInstallation } = await security();
    const { users } = await readInstallation(folderOf(cli));
    if (cli.output.json) cli.output.document({ users });
    const rows = users.map(({ name, kind, roles: given, endsAt, revokedAt }) => [
      name,
      kind,
      given.join(", "),
      revokedAt === undefined ? `until ${endsAt}` : `revoked at ${revokedAt}`,
    ]);
    cli.output.result(table(["USER", "KIND", "ROLES", "CREDENTIALS"], rows));
    return exitCode.done;
  });

const explain =
  (given: ReadonlyArray<Role>) =>
  async ({ output, settings }: Invocation) => {
    const { publish, subscribe } = permissionsOf(given, names(settings.prefix));
    const last = readerPlaces - 1;
    if (output.json) output.document({ roles: given, publish, subscribe });
    output.result([
      `a user with the key of ${given.join(", ")} may publish to:`,
      ...shortened(publish).map((subject) => `  ${subject}`),
      "and subscribe to:",
      ...subscribe.map((subject) => `  ${subject}`),
      `nothing else. The server puts the name of the user in the place of {{name()}}; N is a number from 0 to ${last}.`,
    ]);
    return exitCode.done;
  };

const rotateKeys = (what: Rotated) => (cli: Invocation) =>
  withKeys(async () => {
    const folder = folderOf(cli);
    const { rotate } = await import("../../../infrastructure/security/rotation.ts");
    const changed = await rotate(folder, what);
    if (cli.output.json) cli.output.document({ rotated: what });
    cli.output.result(rotatedText[what]);
    if (what === "roles") await told(cli, folder, changed);
    return exitCode.done;
  });

const rotatedText: Readonly<Record<Rotated, string>> = {
  roles: "the roles have new keys; give every user the new file of credentials in creds",
  certificate: "the server has a new certificate: start it again to use it",
  operator:
    "the operator signs with a new key: start the nats-server again, which takes accounts of the old one no more",
};

const check = () => (cli: Invocation) =>
  withKeys(async () => {
    const { checkFolder } = await import("../../../infrastructure/security/check.ts");
    const findings = await checkFolder(folderOf(cli));
    const wrong = findings.filter(({ level }) => level === "wrong");
    if (cli.output.json) cli.output.document({ ok: wrong.length === 0, findings });
    cli.output.result(
      findings.length === 0 ? "nothing is wrong" : findings.map(({ level, text }) => `${level}: ${text}`),
    );
    return wrong.length === 0 ? exitCode.done : exitCode.failed;
  });

const days = (command: Command): Command =>
  command.option("--days <number>", "how many days the credentials are valid", integer(1), defaultDays);

/** `cim security`: the keys of a closed installation, and who connects with them. */
export const securityGroup: CommandGroup = (program, runner) => {
  const group = program
    .command("security")
    .description("The keys of a closed installation: who may connect, and what the nats-server lets them do.");
  group
    .command("init <folder>")
    .description("Makes the keys, certificates, server configuration and first users in a new folder.")
    .option("--host <name>", "a name or address by which others reach the nats-server; may be given again", listed)
    .action((folder: string, options, command) => runner.run(command, init(folder, options)));
  const user = group.command("user").description("Users of the nats-server: each is a principal with a key.");
  days(
    user
      .command("add <name>")
      .description("Makes the key and the credentials of a user.")
      .requiredOption(
        "--role <role>",
        "a role, for which the server lets it do what it needs; may be given again",
        role,
      )
      .option("--agent", "it is an agent and not a person"),
  ).action((name: string, options: UserOptions, command) => runner.run(command, add(name, options)));
  days(user.command("renew <name>").description("Signs the key of a user again; cim-backend is the backend.")).action(
    (name: string, options: { days: number }, command) => runner.run(command, renew(name, options)),
  );
  user
    .command("revoke <name>")
    .description("Ends what was signed for the key of a user, and its connections.")
    .action((name: string, _options, command) => runner.run(command, revoke(name)));
  user
    .command("list")
    .description("Lists the users, with their roles and the end of their credentials.")
    .action((_options, command) => runner.run(command, list()));
  group
    .command("explain <role...>")
    .description("Shows which subjects the server lets a user with these roles publish and subscribe to.")
    .action((given: ReadonlyArray<string>, _options, command) =>
      runner.run(command, (cli) => explain(given.flatMap((one) => rolesOrFail(one)))(cli)),
    );
  group
    .command("rotate")
    .addArgument(new Argument("<what>", "what gets a new key").choices(["roles", "certificate", "operator"]))
    .description("Replaces the keys of the roles, the certificate of the server, or the signing key of the operator.")
    .action((what: Rotated, _options, command) => runner.run(command, rotateKeys(what)));
  group
    .command("check")
    .description("Looks at the files of the folder: who may read them, what ends soon, what does not fit.")
    .action((_options, command) => runner.run(command, check()));
};

const rolesOrFail = (text: string): ReadonlyArray<Role> => {
  const known = roles.filter((one) => one === text);
  if (known.length === 0) throw usageFailure(`${text} is not a role: there are ${roles.join(", ")}`);
  return known;
};
