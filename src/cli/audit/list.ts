import { z } from 'zod';

import { AUDIT_EVENTS, AUDIT_OUTCOMES, type AuditRecord } from '../../audit/audit-record.js';
import { toEcs, toOcsf } from '../../audit/export-formats.js';
import { parseRecord } from '../../audit/verify.js';
import { type Io, writeJson } from '../terminal/io.js';
import { printable } from '../terminal/printable.js';
import { UsageError } from '../terminal/usage-error.js';
import { checkChoice } from './check-choice.js';
import { type Place, readLines } from './source.js';

const FORMATS: Readonly<Record<string, (record: AuditRecord) => object>> = {
  aerie: (record) => record,
  ecs: toEcs,
  ocsf: toOcsf,
};
/** Days, and times with an offset. `Date` accepts more, takes November 31 for December 1, and times without an offset for local ones. */
const TIME = z.union([
  z.iso.date(),
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ offset: true, precision: -1 }),
]);

const FIELDS = ['event', 'outcome', 'organization', 'subject', 'client'] as const;
const FILTERS = [...FIELDS, 'tool', 'since', 'until'] as const;

/**
 * Prints the records that match all options. Says so if there is none. Unknown tools, organizations and subjects
 * are no error, because the records may be older than the present ones.
 *
 * @throws {UsageError} when an option is invalid
 * @throws {Error} when there are no records, or they cannot be read
 */
export async function list(place: Place, options: Readonly<Record<string, string>>, io: Io): Promise<void> {
  const { since, until, format = 'aerie' } = options;
  const convert = Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (!convert) throw new UsageError(`Unknown format "${format}". Use aerie, ecs or ocsf.`);
  // A misspelled value would match no record, as if nothing had happened.
  checkChoice('event', options['event'], AUDIT_EVENTS);
  checkChoice('outcome', options['outcome'], AUDIT_OUTCOMES);
  const [from, to] = [timeOf('--since', since), timeOf('--until', until)];
  let isEmpty = true;
  const selection = { since: from, until: to, tool: options['tool'] };
  for await (const { place: where, text, fault, isTorn } of readLines(place, 'time', selection)) {
    if (isTorn) continue;
    const record = parseRecord(text);
    if (!record || fault !== undefined) {
      throw new Error(`${where} has a line that is no record, or was changed: run audit verify.`);
    }
    if (from !== undefined && record.time < from) continue;
    if (to !== undefined && record.time >= to) continue;
    if (FIELDS.some((name) => options[name] !== undefined && options[name] !== record[name])) continue;
    if (options['tool'] !== undefined && !isOf(options['tool'], record)) continue;
    isEmpty = false;
    writeJson(io, convert(record));
  }
  if (isEmpty) io.stderr.write(`${printable(noneMatches(options))}\n`);
}

/** Whether a record is one of a tool. The record of a refused batch names several. */
const isOf = (tool: string, record: AuditRecord): boolean => record.tool?.split(',').includes(tool) ?? false;

function noneMatches(options: Readonly<Record<string, string>>): string {
  const given = FILTERS.flatMap((name) =>
    options[name] === undefined ? [] : [`${name} ${JSON.stringify(options[name])}`],
  );
  return given.length === 0 ? 'There are no audit records.' : `No record matches: ${given.join(', ')}.`;
}

function timeOf(option: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  const time = new Date(given);
  // Times are compared as text, in which other years have a sign.
  const hasUsualYear = time.getUTCFullYear() >= 0 && time.getUTCFullYear() <= 9_999;
  if (!TIME.safeParse(given).success || !hasUsualYear)
    throw new UsageError(`${option} "${given}" is not a time. Use a time such as 2026-11-26T12:00Z.`);
  return time.toISOString();
}
