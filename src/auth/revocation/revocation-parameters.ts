import { parseDuration } from '../../config/units.js';
import { isObject } from '../../values/is-object.js';
import { CLOCK_MARGIN_MS, type Selector } from './revocation.js';
import { RevocationError } from './revocation-error.js';

export const TARGET_FIELDS = ['tokenId', 'subject', 'client', 'organization', 'issuer'] as const;

export type TargetField = (typeof TARGET_FIELDS)[number];

/**
 * Tokens to revoke: exactly one of `tokenId`, `subject`, `client` and `organization`. `organization` also narrows a
 * subject or a client, and `issuer`, the token's `iss`, each of them.
 */
export type RevocationTarget = { readonly [Field in TargetField]?: string };

/** Name of a field for people, such as an option of the command line. */
export type NameOf = (field: TargetField | 'by' | 'for' | 'clockMargin') => string;

const MAX_NAME_LENGTH = 200;
/** Maximum length of an id, characters. No token with a longer one fits in a header. */
const MAX_ID_LENGTH = 16_384;

/** Selector fields. The organization comes last, because it restricts another selector if both are given. */
const SELECTORS = [
  ['tokenId', 'token'],
  ['subject', 'subject'],
  ['client', 'client'],
  ['organization', 'organization'],
] as const;

/** @throws {RevocationError} unless the fields form one selector with allowed restrictions */
export function selectorOf(target: RevocationTarget, nameOf: NameOf = asIs): Selector {
  requireKnownFields(target, nameOf);
  // An undefined value would select more than was meant: a whole organization instead of one of its members.
  const valueOf = (field: TargetField): string | undefined => {
    if (!(field in target)) return undefined;
    const value = checked(nameOf(field), target[field]);
    if (value.length <= MAX_ID_LENGTH) return value;
    throw invalid(`${nameOf(field)} is longer than ${MAX_ID_LENGTH} characters.`);
  };
  const given = SELECTORS.flatMap(([field, what]) => {
    const id = valueOf(field);
    return id === undefined ? [] : [{ what, id }];
  });
  const issuer = valueOf('issuer');
  const [chosen, further, ...rest] = given;
  const isRestriction =
    further?.what === 'organization' && (chosen?.what === 'subject' || chosen?.what === 'client');
  if (!chosen || rest.length > 0 || (further && !isRestriction)) {
    throw invalid(selectionRule(nameOf));
  }
  return { ...chosen, ...(further && { organization: further.id }), ...(issuer !== undefined && { issuer }) };
}

/** Says which fields may be combined. */
export function selectionRule(nameOf: NameOf): string {
  const organization = nameOf('organization');
  const all = SELECTORS.map(([field]) => nameOf(field)).join(', ');
  return `Use exactly one of ${all}. ${organization} may also restrict ${nameOf('subject')} or ${nameOf('client')}, and one ${nameOf('issuer')} may restrict any of them.`;
}

/** Options of a revocation as texts. */
export interface RevokeOptions {
  /** Who makes the change, for the list and the audit trail, such as a person or a webhook. */
  readonly by: string;
  /** Also rejects tokens issued later, for this time: `30s`, `10m`, `1h`, `7d`; at most `24d`. Default: accepts them. */
  readonly for?: string | undefined;
  /** How far the issuer's clock may be ahead: tokens issued until then are rejected too; default `60s`, `0s` for none. */
  readonly clockMargin?: string | undefined;
}

/**
 * A misspelled `for` would accept newer tokens.
 *
 * @param options options of a caller that may not be TypeScript
 * @throws {RevocationError} unless they are an object of texts with these names
 */
export function requireKnownOptions(options: unknown, names: readonly (keyof RevokeOptions)[]): void {
  if (!isObject(options)) throw invalid(`The options are not an object. Use ${names.join(', ')}.`);
  const known: readonly string[] = names;
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name))
      throw invalid(`${JSON.stringify(name)} is not an option. Use ${names.join(', ')}.`);
    if (value !== undefined && typeof value !== 'string') throw invalid(`${name} is not a string.`);
  }
}

/**
 * Returns the times of a revocation, milliseconds.
 *
 * @throws {RevocationError} when a text is not a duration
 */
export function timesOf(
  { for: period, clockMargin }: Pick<RevokeOptions, 'for' | 'clockMargin'>,
  nameOf: NameOf = asIs,
): { readonly barNewerFor: number | undefined; readonly clockMargin: number } {
  const barNewerFor = period === undefined ? undefined : parseDuration(period);
  if (period !== undefined && barNewerFor === undefined) {
    throw invalid(`${nameOf('for')} "${period}" is not a duration. Use one such as 1h, at most 24d.`);
  }
  if (clockMargin === undefined) return { barNewerFor, clockMargin: CLOCK_MARGIN_MS };
  const margin = clockMargin === '0s' ? 0 : parseDuration(clockMargin);
  if (margin !== undefined) return { barNewerFor, clockMargin: margin };
  throw invalid(
    `${nameOf('clockMargin')} "${clockMargin}" is not a duration. Use one such as 60s, or 0s for none.`,
  );
}

/**
 * Returns the name of who revokes, shortened, on one line.
 *
 * @throws {RevocationError} when it is empty or a token
 */
export const actorOf = (by: string, nameOf: NameOf = asIs): string =>
  checked(nameOf('by'), by)
    .replaceAll(/\p{Cc}+/gu, ' ')
    .slice(0, MAX_NAME_LENGTH);

/** A misspelled member would select more than was meant: a whole organization instead of one of its clients. */
function requireKnownFields(target: unknown, nameOf: NameOf): void {
  if (!isObject(target)) throw invalid(`The target is not an object. ${selectionRule(nameOf)}`);
  const known: readonly string[] = TARGET_FIELDS;
  const unknown = Object.keys(target).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw invalid(`${JSON.stringify(unknown)} is not a member of a target. ${selectionRule(nameOf)}`);
}

const asIs: NameOf = (field) => field;

const invalid = (message: string): RevocationError => new RevocationError('invalid', message);

function checked(name: string, text: unknown): string {
  if (text === undefined || text === null) throw invalid(`${name} is missing.`);
  if (typeof text !== 'string') throw invalid(`${name} is not a string.`);
  const value = text.trim();
  if (value === '') throw invalid(`${name} is empty.`);
  if (!looksLikeToken(value)) return value;
  throw invalid(`${name} was given a whole token. Use the claim from its payload instead.`);
}

/** Detects tokens, because the values are stored and printed, and must not be credentials. */
const looksLikeToken = (text: string): boolean => /^(Bearer\s+)?eyJ[\w-]*\./i.test(text);

const NAMES: Readonly<Record<Selector['what'], string>> = {
  token: 'the token',
  subject: 'every token of the subject',
  client: 'every token of the client',
  organization: 'every token of the organization',
};

/** Describes a selector. Ids are quoted as JSON, so that control characters do not affect the terminal. */
export const selectorName = ({ what, id, organization, issuer }: Selector): string =>
  [
    `${NAMES[what]} ${JSON.stringify(id)}`,
    ...(organization === undefined ? [] : [`in the organization ${JSON.stringify(organization)}`]),
    ...(issuer === undefined ? [] : [`from the issuer ${JSON.stringify(issuer)}`]),
  ].join(' ');
