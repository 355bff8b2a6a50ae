import type { AuditRecord } from '../audit-record.js';

/** Texts of a row without its line, in the order of the columns. */
export type Columns = readonly [
  day: string,
  chain: string,
  seq: string,
  time: string,
  event: string,
  outcome: string,
  organization: string | null,
  subject: string | null,
  tool: string | null,
];

/** Returns the row of a line. The columns before the line repeat some of its fields, to be searched. */
export function columnsOf({
  text,
  record,
}: {
  readonly text: string;
  readonly record: AuditRecord;
}): readonly [...Columns, line: string] {
  const { chain, seq, time, event, outcome, organization, subject, tool } = record;
  const day = `${chain.slice(0, 4)}-${chain.slice(4, 6)}-${chain.slice(6, 8)}`;
  const optional = [organization, subject, tool].map(columnText);
  const [ofOrganization = null, ofSubject = null, ofTool = null] = optional;
  return [day, chain, String(seq), time, event, outcome, ofOrganization, ofSubject, ofTool, text];
}

/** PostgreSQL stores neither the NUL character nor half of a surrogate pair. */
const columnText = (value: string | undefined): string | null =>
  value?.replaceAll('\0', '\uFFFD').replaceAll(/\p{Cs}/gu, '\uFFFD') ?? null;
