/** Names of variables with secrets, unless the name's ending shows that the value is only a reference. */
const secretName =
  /(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|CREDENTIAL|(?:API|ACCESS|PRIVATE|SECRET|ENCRYPTION|SIGNING|MASTER)[_-]?KEY|SECRET[_-]?KEY[_-]?BASE)S?(?:[_-]?\d+)?$/i;
/** Short names that are also the ends of other words. `PWD` alone is the working directory. */
const shortSecretName = /(?:(?:^|[_-])PASS|[_-]PWD)$/i;
/** Names of server addresses, which may include a user's name or key. */
const sourceName = /(?:^|[_-])DSN$/i;
/** Names of possible secrets. A long random text under such a name counts as one. */
const suspiciousName = /(?:KEY|AUTH|SALT|SEED|COOKIE|PSK|BEARER|JWT|CRED|CREDS|WEBHOOK)$/i;
const publicName = /PUBLIC|(?:^|[_-])PUB(?:[_-]|$)/i;

/** Values that are empty or a switch. They are not secrets under any name. */
const plainValue = /^(?:\s*|true|false|yes|no|on|off|none|null|[+-]?\d+(?:\.\d+)?)$/i;
/** Placeholders for a missing secret. They are useless to the program, and to an attacker. */
const placeholder =
  /^(?:<[^<>]*>|\[[^[\]]*\]|x{3,}|\*{3,}|\.{3}|…|change[-_ ]?me|placeholder|redacted|your[-_ ][\w -]*)$/i;
/** The name of a variable, of a systemd credential (`%d`), or a text that a template or a command replaces. */
const variable =
  /^(?:\$[A-Z_][A-Z0-9_]*|\$\{[^{}]*\}|\$\([^()]*\)|\$__\w+\{[^{}]*\}|\{\{[^{}]*\}\}|%[{(]?[A-Za-z][)}]?)$/;
/** A file below a folder that a variable names. */
const variablePath = /^(?:%[dhStTCLE]|~|\$[A-Z_][A-Z0-9_]*|\$\{[A-Z_][A-Z0-9_]*\})\//;
/** A file of a host. */
const path = /^(?:file:(?:\/\/)?)?-?\/[\w.@%+-]+(?:\/[\w.@%+-]+)+\/?$/;
/** The place of a secret in a secret store. */
const storePlace = /^(?:vault|op|arn|awssm|gcpsm|sops|systemd-creds):/;

/** Returns the information of each letter of a text in bits, by the frequency of letters (Shannon's entropy). */
const bitsPerLetter = (text: string): number => {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

const randomLetters = /^(?=.*\d)(?=.*[A-Za-z])[\w+/=.~-]{20,}$/;
/** Public keys of NATS (nkeys). They are not secret. */
const publicNkey = /^[AUONCX][A-Z2-7]{55}$/;

/** Returns whether a text looks random: long, of letters and digits without spaces, and with high entropy. */
const isRandom = (text: string): boolean =>
  randomLetters.test(text) && !publicNkey.test(text) && bitsPerLetter(text) >= 3.2;

/** Returns whether a value only refers to a secret: a file, a credential, a variable, or a place in a secret store. */
const isReference = (value: string): boolean =>
  variable.test(value) ||
  variablePath.test(value) ||
  storePlace.test(value) ||
  (path.test(value) && !value.split("/").some(isRandom));

/** Returns whether a value would be a secret if its name is that of one. */
const couldBeSecret = (value: string): boolean => {
  const trimmed = value.trim();
  return !plainValue.test(trimmed) && !placeholder.test(trimmed) && !isReference(trimmed);
};

const namesSecret = (name: string): boolean => secretName.test(name) || shortSecretName.test(name);

/** Returns whether a name and its value together look like a secret. */
export const isNamedSecret = (name: string, value: string): boolean =>
  (namesSecret(name) && couldBeSecret(value)) ||
  (sourceName.test(name) && value.includes("@") && couldBeSecret(value)) ||
  (suspiciousName.test(name) && !publicName.test(name) && isRandom(value) && !isReference(value));

/** Only texts that match can contain a secret that shows without a name. Most texts do not, and cost one search. */
const worthALook = /[=:"]|-----B|(?<![\w-])--?[A-Za-z][\w-]*\s|[\w-]{15}/;
/** Only texts that match can contain a secret of a known form. */
const longWord = /[\w-]{15}|-----B/;

/**
 * Secrets of a known form: private keys (PEM, RFC 7468), seeds of NATS, keys and tokens of AWS, GitHub, GitLab, Slack,
 * Google, Stripe, npm, age and providers of language models, and JSON Web Tokens.
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

/** `://user:password@`. The pattern begins at the colon, so that a long text is read only once. */
const passwordInUrl = /:\/\/[^\s/@:]*:([^\s/@]+)@/g;
/**
 * `name=value`, `--name value` and `"name": "value"`. A name begins where no other continues, so that a text is read
 * only once.
 */
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
 * Returns what kind of secret a text certainly contains: one of a known form, or a password in a URL. Names of fields
 * and options are ignored here, so that people can talk about passwords.
 */
export const certainSecretIn = (text: string): string | undefined => {
  if (longWord.test(text) && knownForm.test(text)) return forms.find(([, form]) => new RegExp(form).test(text))?.[0];
  return passwordsInUrls(text) ? "a password in a URL" : undefined;
};

const wholeSecrets = new RegExp(`(?:${knownForm.source})[\\w+/=-]*`, "g");

/** Returns the text with each certain secret replaced. */
export const withoutCertainSecrets = (text: string, instead: string): string =>
  text
    .replace(wholeSecrets, instead)
    .replace(passwordInUrl, (all, password: string) =>
      couldBeSecret(password) ? `${all.slice(0, -1 - password.length)}${instead}@` : all,
    );

/** Returns whether a text contains a secret that shows without the name of its field. */
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

/** Returns whether a variable with this name and value looks like a secret. */
export const looksLikeSecret = (name: string, value: string): boolean =>
  isNamedSecret(name, value) || holdsSecret(value);
