import { parseArgs } from 'node:util';

import type { Selector } from '../auth/revocation/revocation.js';
import { parseDuration } from '../config/units.js';
import { understood, UsageError } from './usage-error.js';

export const USAGE = `npm run --silent revoke -- <whose tokens> [--for 1h]   ends every such token issued up to now
npm run --silent revoke -- --undo <whose tokens>       lets them in again
npm run --silent revoke -- --list                      lists what is revoked

Whose tokens, one of:
  --token-id tkn_…        one token, by its "jti"
  --subject usr_…         a person or a machine, by "sub"
  --client …              an application, by "client_id"
  --organization org_…    everybody of an organisation, by "oid"

--for also bars tokens that are issued later, until that time is over: 30s, 10m, 1h, 7d (at most 24d).
`;

export type RevokeCommand =
  | { readonly do: 'help' }
  | { readonly do: 'list' }
  | { readonly do: 'undo'; readonly selector: Selector }
  | { readonly do: 'revoke'; readonly selector: Selector; readonly barNewerFor: number | undefined };

const SELECTORS = [
  ['token-id', 'token'],
  ['subject', 'subject'],
  ['client', 'client'],
  ['organization', 'organization'],
] as const;

/**
 * Understands the parameters of the command line.
 *
 * @throws {UsageError}
 */
export function parseRevokeCommand(parameters: string[]): RevokeCommand {
  const values = understood(() => parse(parameters));
  if (values.help) return { do: 'help' };

  const selectors = SELECTORS.flatMap(([option, what]) =>
    (values[option] ?? []).map((id) => ({ option, selector: { what, id: id.trim() } })),
  );
  if (values.list) {
    if (selectors.length > 0 || values.undo || values.for !== undefined) {
      throw new UsageError('--list goes with nothing else.');
    }
    return { do: 'list' };
  }
  const [chosen] = selectors;
  if (!chosen || selectors.length > 1) {
    throw new UsageError('Say whose tokens: exactly one of --token-id, --subject, --client, --organization.');
  }
  const { option, selector } = chosen;
  if (selector.id === '') throw new UsageError(`--${option} is empty.`);
  if (looksLikeToken(selector.id)) {
    throw new UsageError(`--${option} was given a whole token. Give what its payload says, not the token.`);
  }
  if (values.undo) {
    if (values.for !== undefined) throw new UsageError('--undo ends the whole revocation: leave --for out.');
    return { do: 'undo', selector };
  }
  const barNewerFor = values.for === undefined ? undefined : parseDuration(values.for);
  if (values.for !== undefined && barNewerFor === undefined) {
    throw new UsageError(`--for "${values.for}" is no duration such as 1h.`);
  }
  return { do: 'revoke', selector, barNewerFor };
}

const selector = { type: 'string', multiple: true } as const;

const parse = (parameters: string[]) =>
  parseArgs({
    args: parameters,
    options: {
      'token-id': selector,
      subject: selector,
      client: selector,
      organization: selector,
      for: { type: 'string' },
      undo: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  }).values;

/** What is stored and printed here must never be a credential. */
const looksLikeToken = (text: string): boolean => /^(Bearer\s+)?eyJ[\w-]*\./i.test(text);
