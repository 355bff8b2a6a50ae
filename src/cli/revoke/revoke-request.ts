import { CLOCK_MARGIN_MS } from '../../auth/revocation/revocation.js';
import { RevocationError } from '../../auth/revocation/revocation-error.js';
import {
  actorOf,
  type NameOf,
  type RevocationTarget,
  selectionRule,
  selectorOf,
  TARGET_FIELDS,
  type TargetField,
  timesOf,
} from '../../auth/revocation/revocation-parameters.js';
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
  | ({ readonly do: 'revoke' } & Change & Pick<RevokeOptions, 'for' | 'clockMargin'>);

interface Change {
  readonly target: RevocationTarget;
  /** Who revokes; undefined for the user of the operating system. */
  readonly by: string | undefined;
}

/** Default of `--clock-margin`. */
export const DEFAULT_CLOCK_MARGIN = `${CLOCK_MARGIN_MS / 1000}s`;

/** @throws {UsageError} when the options are invalid together */
export function revokeRequest(options: RevokeOptions): RevokeRequest {
  const { list, json, ...others } = options;
  if (list) {
    if (Object.keys(others).length === 0) return { do: 'list', json: json ?? false };
    throw new UsageError('--list cannot be combined with options other than --json.');
  }
  if (json) throw new UsageError('--json is only for --list.');
  try {
    return changeOf(options);
  } catch (error) {
    throw error instanceof RevocationError ? new UsageError(error.message) : error;
  }
}

/** @throws {RevocationError} when a value is invalid */
function changeOf(options: RevokeOptions): RevokeRequest {
  const target = targetIn(options);
  const by = options.by === undefined ? undefined : actorOf(value('by', options.by), flag);
  const { for: period, clockMargin } = options;
  if (!options.undo) {
    timesOf({ for: period, clockMargin }, flag);
    return { do: 'revoke', target, for: period, clockMargin, by };
  }
  if (period !== undefined) throw new UsageError('--undo removes the whole revocation. Omit --for.');
  if (clockMargin !== undefined) throw new UsageError('--undo needs no --clock-margin. Omit it.');
  return { do: 'undo', target, by };
}

/** @throws {UsageError} unless the options form one selector with allowed restrictions, each given once */
function targetIn(options: RevokeOptions): RevocationTarget {
  const target: { [Field in TargetField]?: string } = {};
  for (const field of TARGET_FIELDS) {
    const [text, further] = options[field] ?? [];
    if (further !== undefined) throw new UsageError(selectionRule(flag));
    if (text !== undefined) target[field] = value(field, text);
  }
  selectorOf(target, flag);
  return target;
}

/** Returns the value of an option, unless it is another option. */
function value(field: Parameters<NameOf>[0], text: string): string {
  if (!text.trim().startsWith('--')) return text;
  throw new UsageError(`${flag(field)} has no value: "${text.trim()}" is another option.`);
}

/** Returns the option for a field, in kebab case. */
const flag: NameOf = (field) => `--${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
