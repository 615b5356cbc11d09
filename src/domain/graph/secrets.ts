/** Names of variables that hold secrets, unless they end so that they only say where one is. */
const secretName =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|MASTER)[_-]?KEY|SECRET[_-]?KEY[_-]?BASE)S?(?:[_-]?\d+)?$/i;
/** Short ones that are also the ends of other words; `PWD` alone is where a program runs. */
const shortSecretName = /(?:(?:^|[_-])PASS|[_-]PWD)$/i;
/** Names of the address of a server, which may hold the name or key of a user. */
const sourceName = /(?:^|[_-])DSN$/i;
/** Names of what may be a secret. A long random text under one of them is. */
const suspiciousName = /(?:KEY|AUTH|SALT|SEED|COOKIE|PSK|BEARER|JWT|CRED|CREDS|WEBHOOK)$/i;
const publicName = /PUBLIC|(?:^|[_-])PUB(?:[_-]|$)/i;

/** Values that say nothing, or switch something: they are no secrets under any name. */
const plainValue = /^(?:\s*|true|false|yes|no|on|off|none|null|[+-]?\d+(?:\.\d+)?)$/i;
/** What stands for a secret that is not there. Useless to the program, but nothing that anybody could misuse. */
const placeholder =
  /^(?:<[^<>]*>|\[[^[\]]*\]|x{3,}|\*{3,}|\.{3}|…|change[-_ ]?me|placeholder|redacted|your[-_ ][\w -]*)$/i;
/** The name of a variable, of a credential of systemd (`%d`), or a text that a template or a command puts there. */
const variable =
  /^(?:\$[A-Z_][A-Z0-9_]*|\$\{[^{}]*\}|\$\([^()]*\)|\$__\w+\{[^{}]*\}|\{\{[^{}]*\}\}|%[{(]?[A-Za-z][)}]?)$/;
/** A file below a folder that a variable names. */
const variablePath = /^(?:%[dhStTCLE]|~|\$[A-Z_][A-Z0-9_]*|\$\{[A-Z_][A-Z0-9_]*\})\//;
/** A file of a host. */
const path = /^(?:file:(?:\/\/)?)?-?\/[\w.@%+-]+(?:\/[\w.@%+-]+)+\/?$/;
/** The place of a secret in a store of secrets. */
const storePlace = /^(?:vault|op|arn|awssm|gcpsm|sops|systemd-creds):/;

/** Bits of information that each letter of a text carries, by how often each occurs (Shannon's entropy). */
const bitsPerLetter = (text: string): number => {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

const randomLetters = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{20,}$/;
/** Public keys of NATS (nkeys): they may be known. */
const publicNkey = /^[AUONCX][A-Z2-7]{55}$/;

/** Whether a text looks made by chance: long, of letters and digits without a space, few of them often. */
const isRandom = (text: string): boolean =>
  randomLetters.test(text) && !publicNkey.test(text) && bitsPerLetter(text) >= 3.2;

/** Whether a value says only where a secret is: a file, a credential, a variable, a place in a store of secrets. */
const isReference = (value: string): boolean =>
  variable.test(value) ||
  variablePath.test(value) ||
  storePlace.test(value) ||
  (path.test(value) && !value.split("/").some(isRandom));

/** Whether a value would be a secret under the name of one. */
const couldBeSecret = (value: string): boolean => {
  const trimmed = value.trim();
  return !plainValue.test(trimmed) && !placeholder.test(trimmed) && !isReference(trimmed);
};

const namesSecret = (name: string): boolean => secretName.test(name) || shortSecretName.test(name);

/** Whether a name and its value look like a secret together. */
export const isNamedSecret = (name: string, value: string): boolean =>
  (namesSecret(name) && couldBeSecret(value)) ||
  (sourceName.test(name) && value.includes("@") && couldBeSecret(value)) ||
  (suspiciousName.test(name) && !publicName.test(name) && isRandom(value) && !isReference(value));

/** Only texts with one of these can hold a secret that shows by itself. Most texts have none, and cost one search. */
const worthALook = /[=:"]|-----B|(?<![\w-])--?[A-Za-z][\w-]*\s|[\w-]{15}/;
/** Only texts with one of these can hold a secret of a known form. */
const longWord = /[\w-]{15}|-----B/;

/**
 * Secrets that show by their form: private keys (PEM, RFC 7468), seeds of NATS, keys and tokens of AWS, GitHub, GitLab,
 * Slack, Google, Stripe, npm, age and of makers of language models, and JSON Web Tokens.
 */
const forms: ReadonlyArray<readonly [what: string, form: string]> = [
  ["a private key", "-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY"],
  ["a seed of NATS", "(?<![A-Z0-9])S[AUONCX][A-Z2-7]{56}(?![A-Z0-9])"],
  ["a key of AWS", "(?<![A-Z0-9])A[KS]IA[A-Z0-9]{16}(?![A-Z0-9])"],
  ["a token of GitHub", "(?<!\\w)(?:gh[pousr]_[A-Za-z0-9]{20}|github_pat_\\w{20})"],
  ["a token of GitLab", "(?<!\\w)glpat-[\\w-]{20}"],
  ["a token of npm", "(?<!\\w)npm_[A-Za-z0-9]{30}"],
  ["a token of Slack", "(?<!\\w)xox[abeprs]-[\\w-]{10}"],
  ["a key of Google", "(?<!\\w)AIza[\\w-]{35}"],
  ["a key of Stripe", "(?<!\\w)[sr]k_live_[A-Za-z0-9]{16}"],
  ["a key of age", "(?<!\\w)AGE-SECRET-KEY-1[A-Z0-9]{20}"],
  ["a key of a language model", "(?<![\\w-])sk-(?:(?:ant|proj|svcacct|admin)-[\\w-]{32}|[A-Za-z0-9]{32})"],
  ["a JSON Web Token", "(?<![\\w-])eyJ[\\w-]{8,2000}\\.eyJ[\\w-]{8,}\\.[\\w-]{8}"],
];
const knownForm = new RegExp(forms.map(([, form]) => form).join("|"));

/** `://user:password@`; begins at the colon, so that a long text is read once. */
const passwordInUrl = /:\/\/[^\s/@:]*:([^\s/@]+)@/g;
/** `name=value`, `--name value` and `"name": "value"`; a name begins where no other goes on, so that it is read once. */
const assignment = /(?<![\w.-])([A-Za-z_-][\w.-]*)\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s;&"',]+))/g;
const option = /(?<![\w-])--?([A-Za-z][\w-]*)\s+(?!-)(?:"([^"]*)"|'([^']*)'|([^\s;&"']+))/g;
const optionWithValue = /(?<![\w-])--?[A-Za-z][\w-]*\s/;
const member = /"([\w.-]+)"\s?:\s?"([^"]*)"/g;
const authorization = /authorization["']?\s?[:=]\s?["']?(?:bearer|basic|token)\s+([^\s"']+)/gi;

const passwordsInUrls = (text: string): boolean =>
  text.includes("@") &&
  text.includes("://") &&
  [...text.matchAll(passwordInUrl)].some(([, password = ""]) => couldBeSecret(password));

/**
 * What a text certainly holds: a secret of a known form, or a password in a URL. Names of fields and options count for
 * nothing here, so that people can talk about passwords.
 */
export const certainSecretIn = (text: string): string | undefined => {
  if (longWord.test(text) && knownForm.test(text)) return forms.find(([, form]) => new RegExp(form).test(text))?.[0];
  return passwordsInUrls(text) ? "a password in a URL" : undefined;
};

const wholeSecrets = new RegExp(`(?:${knownForm.source})[\\w+/=-]*`, "g");

/** The text with another one in place of each secret that it certainly holds. */
export const withoutCertainSecrets = (text: string, instead: string): string =>
  text
    .replace(wholeSecrets, instead)
    .replace(passwordInUrl, (all, password: string) =>
      couldBeSecret(password) ? `${all.slice(0, -1 - password.length)}${instead}@` : all,
    );

/** Whether a text holds a secret that shows without the name of its field. */
export const holdsSecret = (text: string): boolean => {
  if (!worthALook.test(text)) return false;
  if (longWord.test(text) && knownForm.test(text)) return true;
  const finds = (pattern: RegExp, isSecret: (match: RegExpExecArray) => boolean): boolean =>
    [...text.matchAll(pattern)].some(isSecret);
  const isNamed = ([, name = "", ...values]: RegExpExecArray): boolean =>
    isNamedSecret(name, values.find((value) => value !== undefined) ?? "");
  const isOne = ([, value = ""]: RegExpExecArray): boolean => couldBeSecret(value);
  return (
    passwordsInUrls(text) ||
    (text.includes("=") && finds(assignment, isNamed)) ||
    (optionWithValue.test(text) && finds(option, isNamed)) ||
    (text.includes('"') && finds(member, isNamed)) ||
    (text.includes("uthorization") && finds(authorization, isOne))
  );
};

/** Whether a variable with this name and value looks like a secret. */
export const looksLikeSecret = (name: string, value: string): boolean =>
  isNamedSecret(name, value) || holdsSecret(value);
