import { readFile } from "node:fs/promises";
import { Option, Schema } from "effect";
import type { Configuration } from "openid-client";
import { Principal, visible } from "../../domain/kernel/mod.ts";
import { needsTls } from "./origins.ts";

/** An OpenID provider that people log in by. */
export interface ProviderOptions {
  /** Its issuer: the address below which it publishes `.well-known/openid-configuration`. */
  readonly issuer: string;
  readonly clientId: string;
  /** The secret of the client; undefined of a public one, which has PKCE only. */
  readonly secret?: string | undefined;
  /** What the provider says of somebody that they are known by, such as `sub` or `email`. */
  readonly claim: string;
  /** The file that says which principal each of them is: `{"ann@example.org": "ann"}`. It is read at each log-in. */
  readonly people: string;
}

/** Why somebody was not logged in, in words for them. */
export class NotLoggedIn extends Error {
  override readonly name = "NotLoggedIn";
}

/** The address that the provider sends people back to. It must know it as a redirect URI of the client. */
export const callbackPath = "/log-in/callback";
/** Milliseconds that somebody may take at the provider. */
export const logInPatience = 10 * 60_000;
/** Seconds that the provider may take for an answer. */
const answerWithin = 10;

/** What a browser keeps of a log-in that it has begun, in a cookie that no script can read. */
const Begun = Schema.Struct({ state: Schema.String, nonce: Schema.String, verifier: Schema.String, at: Schema.Finite });
const decodeBegun = Schema.decodeUnknownOption(Schema.fromJsonString(Begun));
const decodePeople = Schema.decodeUnknownOption(Schema.fromJsonString(Schema.Record(Schema.String, Principal)));

/** Returns which principal everybody is whom a file names; undefined if it cannot be read, or is not such a file. */
export const readPeople = async (file: string): Promise<Readonly<Record<string, string>> | undefined> =>
  Option.getOrUndefined(decodePeople(await readFile(file, "utf8").catch(() => undefined)));

type Claims = Readonly<Record<string, unknown>>;

/** Codes of answers that came and are not what they should be: of another issuer, for another client, with a wrong seal. */
const doubtful = /INVALID_RESPONSE|JWT_|JSON_ATTRIBUTE|KEY_SELECTION/;

/** The client is loaded with the first log-in. */
const library = () => import("openid-client");

/**
 * Logging in by an OpenID provider: the authorization code flow with PKCE, a state and a nonce.
 *
 * The state is in a cookie of the browser that began: a callback address that somebody else has put there logs nobody in
 * as that other person. A code is of use once, which the provider sees to, and only with the verifier of its log-in. What
 * the provider says is believed of one claim only. A file of the operator says which principal that is, and whoever is not
 * in it is nobody here: names that people choose for themselves at the provider must not be principals.
 */
export class Provider {
  readonly issuer: string;
  readonly #options: ProviderOptions;
  readonly #now: () => number;
  #configuration: Promise<Configuration> | undefined;

  constructor(options: ProviderOptions, now: () => number = Date.now) {
    this.issuer = new URL(options.issuer).host;
    this.#options = options;
    this.#now = now;
  }

  /** Begins a log-in. Returns where the browser goes, and what it keeps meanwhile. Throws {@link NotLoggedIn}. */
  async begin(origin: string): Promise<{ readonly address: string; readonly kept: string }> {
    const configuration = await this.#configured();
    const { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } =
      await library();
    const begun = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier(), at: this.#now() };
    const address = buildAuthorizationUrl(configuration, {
      redirect_uri: `${origin}${callbackPath}`,
      scope: this.#options.claim === "sub" ? "openid" : "openid profile email",
      state: begun.state,
      nonce: begun.nonce,
      code_challenge: await calculatePKCECodeChallenge(begun.verifier),
      code_challenge_method: "S256",
    });
    return { address: address.href, kept: JSON.stringify(begun) };
  }

  /** Returns whom the provider has sent back to `address`. Throws {@link NotLoggedIn}. */
  async finish(address: URL, kept: string | undefined): Promise<string> {
    const begun = Option.getOrUndefined(decodeBegun(kept));
    if (begun === undefined || begun.at + logInPatience < this.#now())
      throw new NotLoggedIn("this browser has not begun this log-in, or more than ten minutes ago: begin again");
    if (address.searchParams.get("state") !== begun.state)
      throw new NotLoggedIn("this answer of the provider belongs to another log-in: begin again");
    const claims = await this.#claimsOf(address, begun);
    return this.#principalOf(claims);
  }

  async #claimsOf(address: URL, begun: typeof Begun.Type): Promise<Claims> {
    const configuration = await this.#configured();
    const { authorizationCodeGrant, fetchUserInfo } = await library();
    try {
      const tokens = await authorizationCodeGrant(configuration, address, {
        pkceCodeVerifier: begun.verifier,
        expectedState: begun.state,
        expectedNonce: begun.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new NotLoggedIn(`${this.issuer} did not say who you are`);
      const isWhole = claims[this.#options.claim] !== undefined;
      if (isWhole || configuration.serverMetadata().userinfo_endpoint === undefined) return claims;
      return { ...(await fetchUserInfo(configuration, tokens.access_token, claims.sub)), sub: claims.sub };
    } catch (error) {
      throw error instanceof NotLoggedIn ? error : new NotLoggedIn(this.#reasonOf(error), { cause: error });
    }
  }

  async #principalOf(claims: Claims): Promise<string> {
    const { claim, people } = this.#options;
    const value = claims[claim];
    if (typeof value !== "string" || value === "")
      throw new NotLoggedIn(`${this.issuer} does not say your \`${claim}\`, by which people are known here`);
    if (claim === "email" && claims.email_verified !== true)
      throw new NotLoggedIn(`${this.issuer} has not verified that ${visible(value)} is your address`);
    const known = await readPeople(people);
    if (known === undefined)
      throw new NotLoggedIn("the file that says who people are here cannot be read: ask whoever runs this console");
    const principal = Object.hasOwn(known, value) ? known[value] : undefined;
    if (principal === undefined)
      throw new NotLoggedIn(`nobody here is ${visible(value)}: ask whoever runs this console to name your principal`);
    return principal;
  }

  /** Asks the provider what it can do, once. If it does not answer, the next log-in asks again. */
  #configured(): Promise<Configuration> {
    this.#configuration ??= this.#discover().catch((error) => {
      this.#configuration = undefined;
      throw new NotLoggedIn(this.#reasonOf(error), { cause: error });
    });
    return this.#configuration;
  }

  async #discover(): Promise<Configuration> {
    const { allowInsecureRequests, ClientSecretBasic, discovery, enableNonRepudiationChecks, None } = await library();
    const { issuer, clientId, secret } = this.#options;
    const authentication = secret === undefined ? None() : ClientSecretBasic(secret);
    return discovery(new URL(issuer), clientId, undefined, authentication, {
      timeout: answerWithin,
      // Signatures are not checked by default, because the answer came over TLS. A provider on this machine, for trying it
      // out, has none.
      execute: [enableNonRepudiationChecks, ...(needsTls(issuer) ? [] : [allowInsecureRequests])],
    });
  }

  /** Why a step failed. What the provider says is text of others. */
  #reasonOf(error: unknown): string {
    if (!(error instanceof Error)) return `${this.issuer} cannot be asked`;
    const { name, message } = error;
    const said = "error" in error && typeof error.error === "string" ? visible(error.error) : undefined;
    if (name === "AuthorizationResponseError")
      return `${this.issuer} did not log you in (${said ?? "it does not say why"})`;
    if (said === "invalid_grant") return `${this.issuer} does not take this answer, or not a second time: begin again`;
    if (said !== undefined) return `${this.issuer} refuses this console (${said}): its client or its secret is wrong`;
    const code = "code" in error && typeof error.code === "string" ? error.code : "";
    const why = visible(error.cause instanceof Error ? error.cause.message : message);
    if (doubtful.test(code)) return `what ${this.issuer} says cannot be trusted (${why}): begin again`;
    if (code.startsWith("OAUTH_") && code !== "OAUTH_TIMEOUT")
      return `${this.issuer} does not answer as an OpenID provider does (${why}): is the issuer right?`;
    return `${this.issuer} does not answer: try again later`;
  }
}
