import { withoutCertainSecrets } from "../../domain/graph/secrets.ts";

/** The text in place of a secret. */
const hidden = "[redacted]";

const patterns: ReadonlyArray<readonly [RegExp, string]> = [
  // A private key, also if the log was cut off within it.
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, hidden],
  // Seeds of nkeys (https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_intro/nkey_auth).
  [/\bS[ACNOUX][A-Z2-7]{56}\b/g, hidden],
  // JSON web tokens, three parts in base64url.
  [/\beyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g, hidden],
  // `user:password@` of a URL.
  [/(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s@]+@/gi, `$1${hidden}@`],
  [/(\bauthorization\s*[:=]\s*(?:basic|bearer)?\s*)[^\s"']+/gi, `$1${hidden}`],
  // `password=…`, `"api_key": "…"`, `NATS_TOKEN=…`.
  [
    /((?:\b|_)(?:pass(?:word|phrase|wd)?|secret|token|api[-_]?key|access[-_]?key|private[-_]?key)["']?\s*[:=]\s*["']?)[^\s"',;]+/gi,
    `$1${hidden}`,
  ],
];

/**
 * Returns a text without parts that look like secrets. The output of programs must not bring passwords into the log.
 * The backend also refuses the report of a step that has one.
 */
export const redacted = (text: string): string =>
  withoutCertainSecrets(
    patterns.reduce((before, [pattern, replacement]) => before.replace(pattern, replacement), text),
    hidden,
  );
