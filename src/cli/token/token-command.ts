import { parseArgs } from 'node:util';

import { parseDuration } from '../../config/units.js';
import { understood, UsageError } from '../terminal/usage-error.js';

export const USAGE = `npm run --silent token -- [--user alice|bob|carol] [--scope "usr:read org:read"] [--expires 1h]
  prints an access token of the embedded issuer for the server with the same environment;
  default: for alice, with the scopes of a first sign-in

npm run --silent token -- --key private.pem --issuer … --audience … --subject … [--scopes read,write] [--expires 1h]
                          [--client …] [--organization …] [--claim name=value] …
  prints an access token signed with your own key; --audience and --claim may be repeated

npm run --silent token -- --verify <token>|- --key public.pem [--issuer …] [--audience …]
  prints the contents of a token and whether it is valid; "-" reads the token from standard input
`;

/** Command that signs a token of the embedded issuer. */
export interface DevelopmentTokenCommand {
  readonly do: 'development';
  readonly user: string;
  /** Scopes of the token; undefined to use the scopes of a first sign-in. */
  readonly scope: string | undefined;
  readonly expires: Lifetime;
}

/** Command that signs a token with the operator's own key. */
export interface SignCommand {
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

export interface VerifyCommand {
  readonly do: 'verify';
  /** The token, or "-" to read it from standard input. */
  readonly token: string;
  readonly keyFile: string;
  /** Accepted issuers; undefined to accept any. */
  readonly issuers: readonly string[] | undefined;
  /** Accepted audiences; undefined to accept any. */
  readonly audiences: readonly string[] | undefined;
}

/** Lifetime of a token, as given on the command line and in milliseconds. */
export interface Lifetime {
  readonly text: string;
  readonly milliseconds: number;
}

export type TokenCommand = { readonly do: 'help' } | DevelopmentTokenCommand | SignCommand | VerifyCommand;

/** Options of each form of the command. */
const FORMS = {
  development: ['user', 'scope', 'expires'],
  sign: ['key', 'issuer', 'audience', 'subject', 'client', 'organization', 'scopes', 'expires', 'claim'],
  verify: ['verify', 'key', 'issuer', 'audience'],
} as const;

/** Claims that have their own option or are derived from other options. */
const OWN_CLAIMS = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'scope', 'client_id', 'org_id'];

/**
 * Parses the command line.
 *
 * @throws {UsageError} when the parameters are invalid
 */
export function parseTokenCommand(parameters: string[]): TokenCommand {
  const values = understood(() => parse(parameters));
  if (values.help) return { do: 'help' };
  const form = values.verify !== undefined ? 'verify' : isOwn(values) ? 'sign' : 'development';
  const known: readonly string[] = FORMS[form];
  const strange = Object.keys(values).find((option) => !known.includes(option) && option !== 'help');
  if (strange !== undefined) throw new UsageError(`--${strange} cannot be combined with the other options.`);

  switch (form) {
    case 'verify':
      return {
        do: form,
        token: needed(values, 'verify'),
        keyFile: needed(values, 'key'),
        issuers: values.issuer === undefined ? undefined : [values.issuer],
        audiences: values.audience,
      };
    case 'sign':
      return {
        do: form,
        keyFile: needed(values, 'key'),
        issuer: needed(values, 'issuer'),
        audiences: values.audience ?? missing('audience'),
        subject: needed(values, 'subject'),
        client: values.client,
        organization: values.organization,
        scopes: (values.scopes ?? '').split(/[\s,]+/).filter((scope) => scope !== ''),
        expires: lifetime(values.expires),
        claims: Object.fromEntries((values.claim ?? []).map(claim)),
      };
    case 'development':
      return {
        do: form,
        user: values.user ?? 'alice',
        scope: values.scope,
        expires: lifetime(values.expires),
      };
    default:
      return form satisfies never;
  }
}

const parse = (parameters: string[]) =>
  parseArgs({
    args: parameters,
    options: {
      user: { type: 'string' },
      scope: { type: 'string' },
      expires: { type: 'string' },
      key: { type: 'string' },
      issuer: { type: 'string' },
      audience: { type: 'string', multiple: true },
      subject: { type: 'string' },
      client: { type: 'string' },
      organization: { type: 'string' },
      scopes: { type: 'string' },
      claim: { type: 'string', multiple: true },
      verify: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;

type Values = ReturnType<typeof parse>;

/** Whether an option was given that only applies to tokens of own keys. */
const isOwn = (values: Values): boolean =>
  FORMS.sign.some((option) => option !== 'expires' && values[option] !== undefined);

const needed = (values: Values, option: 'verify' | 'key' | 'issuer' | 'subject'): string =>
  values[option]?.trim() || missing(option);

function missing(option: string): never {
  throw new UsageError(`--${option} is missing.`);
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
