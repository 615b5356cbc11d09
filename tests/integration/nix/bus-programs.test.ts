// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is text for bash that is meant
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { programs } from "../../../src/domain/nix/unit/programs.ts";
import { describeWith } from "../../support/installed.ts";
import { runProgram } from "./run-program.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cim-programs-"));
  mkdirSync(join(folder, "credentials"));
  mkdirSync(join(folder, "bin"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const credential = (name: string, text: string): void => writeFileSync(join(folder, "credentials", name), text);
const inFolder = (name: string): string => readFileSync(join(folder, name), "utf8");

/** A program in place of another one, which writes down how it is called and answers with a text. */
const stub = (name: string, answer: string): void => {
  const file = join(folder, "bin", name);
  writeFileSync(join(folder, "answer"), answer);
  writeFileSync(file, `#!/bin/sh\necho "$*" >> ${folder}/calls\ncase "$*" in *--list*) cat ${folder}/answer;; esac\n`);
  chmodSync(file, 0o755);
};

const run = (name: keyof typeof programs, ...args: ReadonlyArray<string>): string =>
  runProgram(name, args, {
    PATH: `${folder}/bin:${process.env.PATH}`,
    CREDENTIALS_DIRECTORY: join(folder, "credentials"),
  });

describeWith("jq")("the settings of a NATS server", () => {
  const settings = (value: unknown): string => {
    writeFileSync(join(folder, "settings.json"), JSON.stringify(value));
    return join(folder, "settings.json");
  };
  const written = (): unknown => JSON.parse(inFolder("nats.json"));

  test("get the passwords that their names stand for, whatever these are", () => {
    credential("web.password", 'a "b" \\c ${d} &\n');
    credential("hub_leaf.password", "e@f/g\n");
    const users = [{ user: "web", password: "web.password", permissions: { publish: { allow: ["web.password"] } } }];
    const remotes = [{ url: "nats-leaf://edge:hub_leaf.password@[::1]:7422" }, { url: "nats://b:7422" }];
    run("natsSettings", settings({ authorization: { users }, leafnodes: { remotes } }), folder);
    expect(written()).toEqual({
      authorization: { users: [{ ...users[0], password: 'a "b" \\c ${d} &' }] },
      leafnodes: { remotes: [{ url: "nats-leaf://edge:e%40f%2Fg@[::1]:7422" }, { url: "nats://b:7422" }] },
    });
  });

  test("get passwords that are made up, which are left beside them", () => {
    const users = [{ user: "cim_streams", password: "cim_streams.password" }];
    run("natsSettings", settings({ authorization: { users } }), folder, "cim_streams.password");
    const password = inFolder("cim_streams.password").trim();
    expect(password).toMatch(/^[A-Za-z0-9+/]{32}$/);
    expect(written()).toEqual({ authorization: { users: [{ user: "cim_streams", password }] } });
  });

  test("are not written where a password is missing or empty", () => {
    const file = settings({ authorization: { users: [{ user: "web", password: "web.password" }] } });
    expect(() => run("natsSettings", file, folder)).toThrow("no password web.password");
    credential("web.password", "\n");
    expect(() => run("natsSettings", file, folder)).toThrow("a password is empty");
  });

  test("stay as they are without passwords", () => {
    run("natsSettings", settings({ tls: { cert_file: "/c" } }), folder);
    expect(written()).toEqual({ tls: { cert_file: "/c" } });
  });
});

describe("the passwords of a Kafka server", () => {
  test("are written as Java reads them; the broker's own is made up where nobody knows it", () => {
    credential("web.password", "a+b/c=\n");
    run("kafkaPasswords", folder, "cim_broker", "web");
    expect(inFolder("jaas.conf")).toMatch(/\n {2}user_web="a\+b\/c=";\n};\n$/);
    const [, own] = /\n {2}password="([A-Za-z0-9+/]{32})"\n/.exec(inFolder("jaas.conf")) ?? [];
    expect(inFolder("client.properties")).toContain(`username="cim_broker" password="${own}";`);
  });

  test.each(['a"b', "a b", "a\\b", "${a}", ""])("cannot be %j", (password) => {
    credential("web.password", password);
    expect(() => run("kafkaPasswords", folder, "cim_broker", "web")).toThrow(
      "web: the password must be one line of letters",
    );
  });
});

test("the rights on a Kafka server become exactly those of the graph", () => {
  stub(
    "kafka-acls.sh",
    [
      "Current ACLs for resource `ResourcePattern(resourceType=TOPIC, name=orders, patternType=LITERAL)`: ",
      " \t(principal=User:web, host=*, operation=WRITE, permissionType=ALLOW)",
      "\t(principal=User:old, host=*, operation=READ, permissionType=ALLOW) ",
      "",
      "Current ACLs for resource `ResourcePattern(resourceType=GROUP, name=my group, patternType=LITERAL)`: ",
      " \t(principal=User:api, host=*, operation=READ, permissionType=ALLOW) ",
      "",
    ].join("\n"),
  );
  const rights = ["web WRITE TOPIC orders", "web DESCRIBE TOPIC orders"].flatMap((right) => right.split(" "));
  run("kafkaRights", "localhost:9094", "/dev/null", ...rights, "api", "READ", "GROUP", "my group");
  const server = "--bootstrap-server localhost:9094 --command-config /dev/null";
  expect(inFolder("calls").trimEnd().split("\n")).toEqual([
    `${server} --list`,
    `${server} --remove --force --allow-principal User:old --operation READ --topic orders`,
    `${server} --add --force --allow-principal User:web --operation DESCRIBE --topic orders`,
  ]);
});

describe("the users of a Redis server", () => {
  test("are written with hashes of their passwords, made up where nobody knows them", () => {
    credential("web.password", "a b\n");
    run("redisUsers", folder, "web", "-@all +ping", "cim_trim", "+xtrim");
    expect(inFolder("users.acl").split("\n")).toEqual([
      "user default off",
      "user web on #c8687a08aa5d6ed2044328fa6a697ab8e96dc34291e8c2034ae8c38e6fcc6d65 -@all +ping",
      expect.stringMatching(/^user cim_trim on #[0-9a-f]{64} \+xtrim$/),
      "",
    ]);
    expect(inFolder("cim_trim.password").trim()).toHaveLength(32);
  });

  test("cannot have empty passwords", () => {
    credential("web.password", "\n");
    expect(() => run("redisUsers", folder, "web", "+ping")).toThrow("web: the password is empty");
  });

  test("are proved to the leader with a password of any text", () => {
    credential("cim_replica.password", 'a\\b"c\n');
    run("redisLeader", folder, "cim_replica");
    expect(inFolder("leader.conf")).toBe('masteruser cim_replica\nmasterauth "a\\\\b\\"c"\n');
  });
});
