import { CLOCK_MARGIN_MS, type Selector } from '../../auth/revocation/revocation.js';
import { parseDuration } from '../../config/units.js';
import { UsageError } from '../terminal/usage-error.js';

/** Options of the command line. */
export interface RevokeOptions {
  readonly tokenId?: readonly string[];
  readonly subject?: readonly string[];
  readonly client?: readonly string[];
  readonly organization?: readonly string[];
  readonly issuer?: readonly string[];
  readonly for?: string;
  readonly clockMargin?: string;
  readonly by?: string;
  readonly undo?: true;
  readonly list?: true;
  readonly json?: true;
}

export type RevokeRequest =
  | { readonly do: 'list'; readonly json: boolean }
  | ({ readonly do: 'undo' } & Change)
  | ({
      readonly do: 'revoke';
      readonly barNewerFor: number | undefined;
      readonly clockMargin: number;
    } & Change);

interface Change {
  readonly selector: Selector;
  /** Who revokes; undefined for the user of the operating system. */
  readonly by: string | undefined;
}

const MAX_NAME_LENGTH = 200;

/** Default of `--clock-margin`. */
export const DEFAULT_CLOCK_MARGIN = `${CLOCK_MARGIN_MS / 1000}s`;

/** Selector options. The organization comes last, because it restricts another selector if both are given. */
const SELECTORS = [
  ['tokenId', 'token', '--token-id'],
  ['subject', 'subject', '--subject'],
  ['client', 'client', '--client'],
  ['organization', 'organization', '--organization'],
] as const;

/** @throws {UsageError} when the options are invalid together */
export function revokeRequest(options: RevokeOptions): RevokeRequest {
  const { list, json, ...others } = options;
  if (list) {
    if (Object.keys(others).length === 0) return { do: 'list', json: json ?? false };
    throw new UsageError('--list cannot be combined with options other than --json.');
  }
  if (json) throw new UsageError('--json is only for --list.');
  const selector = selectorIn(options);
  const by = options.by === undefined ? undefined : checked('--by', options.by).slice(0, MAX_NAME_LENGTH);
  if (options.undo) {
    if (options.for !== undefined) throw new UsageError('--undo removes the whole revocation. Omit --for.');
    if (options.clockMargin !== undefined) throw new UsageError('--undo needs no --clock-margin. Omit it.');
    return { do: 'undo', selector, by };
  }
  const barNewerFor = options.for === undefined ? undefined : parseDuration(options.for);
  if (options.for !== undefined && barNewerFor === undefined) {
    throw new UsageError(`--for "${options.for}" is not a duration. Use one such as 1h, at most 24d.`);
  }
  return { do: 'revoke', selector, barNewerFor, clockMargin: clockMarginOf(options), by };
}

function clockMarginOf({ clockMargin = DEFAULT_CLOCK_MARGIN }: RevokeOptions): number {
  const margin = clockMargin === '0s' ? 0 : parseDuration(clockMargin);
  if (margin !== undefined) return margin;
  throw new UsageError(
    `--clock-margin "${clockMargin}" is not a duration. Use one such as 60s, or 0s for none.`,
  );
}

/** @throws {UsageError} unless the options form one selector with allowed restrictions */
function selectorIn(options: RevokeOptions): Selector {
  const given = SELECTORS.flatMap(([option, what, flag]) =>
    (options[option] ?? []).map((id) => ({ what, id: checked(flag, id) })),
  );
  const issuers = (options.issuer ?? []).map((issuer) => checked('--issuer', issuer));
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

function checked(flag: string, text: string): string {
  const value = text.trim();
  if (value === '') throw new UsageError(`${flag} is empty.`);
  if (value.startsWith('--')) throw new UsageError(`${flag} has no value: "${value}" is another option.`);
  if (!looksLikeToken(value)) return value;
  throw new UsageError(`${flag} was given a whole token. Use the claim from its payload instead.`);
}

/** Detects tokens, because the values are stored and printed, and must not be credentials. */
const looksLikeToken = (text: string): boolean => /^(Bearer\s+)?eyJ[\w-]*\./i.test(text);
