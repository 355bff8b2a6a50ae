import { parseDuration } from '../../config/units.js';
import { requireScopes } from '../terminal/require-scopes.js';
import { UsageError } from '../terminal/usage-error.js';

/** Options of the command line. */
export interface TokenOptions {
  readonly user?: string;
  readonly scope?: string;
  readonly expires?: string;
  readonly key?: string;
  readonly issuer?: string;
  readonly audience?: readonly string[];
  readonly subject?: string;
  readonly client?: string;
  readonly organization?: string;
  readonly scopes?: string;
  readonly claim?: readonly string[];
  readonly verify?: string;
  readonly json?: true;
}

/** Request for a token of the embedded issuer. */
export interface DevelopmentTokenRequest {
  readonly do: 'development';
  readonly user: string;
  /** Scopes of the token; undefined to use the scopes of a first sign-in. */
  readonly scope: string | undefined;
  /** Lifetime; undefined to use that of the embedded issuer. */
  readonly expires: Lifetime | undefined;
}

/** Request for a token signed with the operator's own key. */
export interface SignRequest {
  readonly do: 'sign';
  readonly keyFile: string;
  readonly issuer: string;
  readonly audiences: readonly string[];
  readonly subject: string;
  readonly client: string | undefined;
  readonly organization: string | undefined;
  readonly scopes: readonly string[];
  readonly expires: Lifetime;
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface VerifyRequest {
  readonly do: 'verify';
  /** The token, or "-" to read it from standard input. */
  readonly token: string;
  readonly keyFile: string;
  /** Accepted issuers; undefined to accept any. */
  readonly issuers: readonly string[] | undefined;
  /** Accepted audiences; undefined to accept any. */
  readonly audiences: readonly string[] | undefined;
  /** Whether the output is JSON. */
  readonly json: boolean;
}

/** Lifetime of a token, as given on the command line and in milliseconds. */
export interface Lifetime {
  readonly text: string;
  readonly milliseconds: number;
}

export type TokenRequest = DevelopmentTokenRequest | SignRequest | VerifyRequest;

/** Options of each form of the command. */
const FORMS = {
  development: ['user', 'scope', 'expires'],
  sign: ['key', 'issuer', 'audience', 'subject', 'client', 'organization', 'scopes', 'expires', 'claim'],
  verify: ['verify', 'key', 'issuer', 'audience', 'json'],
} as const;

/** Claims that have their own option or are derived from other options. */
const OWN_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'client_id', 'org_id'];

/**
 * Reads the options of one form of the command.
 *
 * @throws {UsageError} when the options are invalid together
 */
export function tokenRequest(options: TokenOptions): TokenRequest {
  const form = options.verify !== undefined ? 'verify' : isOwn(options) ? 'sign' : 'development';
  const known: readonly string[] = FORMS[form];
  const strange = Object.keys(options).find((option) => !known.includes(option));
  if (strange !== undefined) throw new UsageError(`--${strange} cannot be combined with the other options.`);

  switch (form) {
    case 'verify':
      return {
        do: form,
        token: needed(options, 'verify'),
        keyFile: needed(options, 'key', PUBLIC_KEY),
        issuers: options.issuer === undefined ? undefined : [options.issuer],
        audiences: options.audience,
        json: options.json ?? false,
      };
    case 'sign':
      return {
        do: form,
        keyFile: needed(options, 'key'),
        issuer: needed(options, 'issuer'),
        audiences: options.audience ?? missing('audience'),
        subject: needed(options, 'subject'),
        client: options.client,
        organization: options.organization,
        scopes: ownScopes(options.scopes),
        expires: lifetime(options.expires),
        claims: Object.fromEntries((options.claim ?? []).map(claim)),
      };
    case 'development':
      if (options.scope !== undefined) requireScopes('scope', options.scope);
      return {
        do: form,
        user: options.user ?? 'alice',
        scope: options.scope,
        expires: options.expires === undefined ? undefined : lifetime(options.expires),
      };
    default:
      return form satisfies never;
  }
}

/** Scopes of `--scopes`, separated by commas or spaces. */
function ownScopes(text = ''): string[] {
  const scopes = text.split(/[\s,]+/).filter((scope) => scope !== '');
  if (scopes.length > 0) requireScopes('scopes', scopes.join(' '));
  return scopes;
}

/** Whether an option was given that only applies to tokens of own keys. */
const isOwn = (options: TokenOptions): boolean =>
  FORMS.sign.some((option) => option !== 'expires' && options[option] !== undefined);

/** Remedy for a token to verify without a key. */
const PUBLIC_KEY =
  ' Name the file of the public key that verifies the token, such as --key public.pem, or of the JWK Set of its issuer.' +
  ' The command doctor checks a token without a key, at a server: doctor <url> --token -.';

const needed = (
  options: TokenOptions,
  option: 'verify' | 'key' | 'issuer' | 'subject',
  remedy?: string,
): string => options[option]?.trim() || missing(option, remedy);

function missing(option: string, remedy = ''): never {
  throw new UsageError(`--${option} is missing.${remedy}`);
}

function lifetime(text = '1h'): Lifetime {
  const milliseconds = parseDuration(text);
  if (milliseconds === undefined)
    throw new UsageError(`--expires "${text}" is not a duration. Use one such as 1h, at most 24d.`);
  return { text, milliseconds };
}

/** Parses `name=value`. A value that is valid JSON is parsed, so that `level=3` is a number. */
function claim(text: string): [string, unknown] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new UsageError(`--claim "${text}" is not name=value.`);
  if (OWN_CLAIMS.includes(name)) throw new UsageError(`--claim cannot set "${name}".`);
  try {
    return [name, JSON.parse(value)];
  } catch {
    return [name, value];
  }
}
