import { parseArgs } from 'node:util';

import type { Selector } from '../../auth/revocation/revocation.js';
import { parseDuration } from '../../config/units.js';
import { understood, UsageError } from '../terminal/usage-error.js';

export const USAGE = `npm run --silent revoke -- <selector> [--for 1h]   revokes the selected tokens issued up to now
npm run --silent revoke -- --undo <selector>       undoes a revocation
npm run --silent revoke -- --list                  lists all revocations

Selector, one of:
  --token-id tkn_…        one token, by its "jti"
  --subject usr_…         a person or a machine, by "sub"
  --client …              an application, by "client_id"
  --organization org_…    all members of an organization, by "oid"

Restrictions, in addition to a selector:
  --organization org_…    with --subject or --client: only in this organization
  --issuer https://…      only tokens of this issuer, by "iss"

--for also rejects tokens issued later, for a limited time: 30s, 10m, 1h, 7d (at most 24d).
`;

export type RevokeCommand =
  | { readonly do: 'help' }
  | { readonly do: 'list' }
  | { readonly do: 'undo'; readonly selector: Selector }
  | { readonly do: 'revoke'; readonly selector: Selector; readonly barNewerFor: number | undefined };

/** Selector options. The organization comes last, because it restricts another selector if both are given. */
const SELECTORS = [
  ['token-id', 'token'],
  ['subject', 'subject'],
  ['client', 'client'],
  ['organization', 'organization'],
] as const;

/**
 * Parses the command line.
 *
 * @throws {UsageError} when the parameters are invalid
 */
export function parseRevokeCommand(parameters: string[]): RevokeCommand {
  const values = understood(() => parse(parameters));
  if (values.help) return { do: 'help' };

  if (values.list) {
    const others = Object.entries(values).filter(([option, value]) => option !== 'list' && value !== false);
    if (others.length > 0) throw new UsageError('--list cannot be combined with other options.');
    return { do: 'list' };
  }
  const selector = selectorIn(values);
  if (values.undo) {
    if (values.for !== undefined) throw new UsageError('--undo removes the whole revocation. Omit --for.');
    return { do: 'undo', selector };
  }
  const barNewerFor = values.for === undefined ? undefined : parseDuration(values.for);
  if (values.for !== undefined && barNewerFor === undefined) {
    throw new UsageError(`--for "${values.for}" is not a duration. Use one such as 1h, at most 24d.`);
  }
  return { do: 'revoke', selector, barNewerFor };
}

/** @throws {UsageError} unless the options form one selector with allowed restrictions */
function selectorIn(values: ReturnType<typeof parse>): Selector {
  const given = SELECTORS.flatMap(([option, what]) =>
    (values[option] ?? []).map((id) => ({ what, id: checked(option, id) })),
  );
  const issuers = (values.issuer ?? []).map((issuer) => checked('issuer', issuer));
  const [chosen, further, ...rest] = given;
  const isRestriction =
    further?.what === 'organization' && (chosen?.what === 'subject' || chosen?.what === 'client');
  if (!chosen || rest.length > 0 || (further && !isRestriction) || issuers.length > 1) {
    throw new UsageError(
      'Use exactly one of --token-id, --subject, --client, --organization. --organization may also restrict --subject or --client, and one --issuer may restrict any of them.',
    );
  }
  const [issuer] = issuers;
  return { ...chosen, ...(further && { organization: further.id }), ...(issuer !== undefined && { issuer }) };
}

function checked(option: string, text: string): string {
  const value = text.trim();
  if (value === '') throw new UsageError(`--${option} is empty.`);
  if (!looksLikeToken(value)) return value;
  throw new UsageError(`--${option} was given a whole token. Use the claim from its payload instead.`);
}

const repeatable = { type: 'string', multiple: true } as const;

const parse = (parameters: string[]) =>
  parseArgs({
    args: parameters,
    options: {
      'token-id': repeatable,
      subject: repeatable,
      client: repeatable,
      organization: repeatable,
      issuer: repeatable,
      for: { type: 'string' },
      undo: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;

/** Detects tokens, because the values are stored and printed, and must not be credentials. */
const looksLikeToken = (text: string): boolean => /^(Bearer\s+)?eyJ[\w-]*\./i.test(text);
