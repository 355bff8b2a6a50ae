import type { AuditRecord } from './audit-record.js';
import { hashOf } from './chain.js';

/** Verified chain. */
export interface VerifiedChain {
  readonly chain: string;
  readonly records: number;
  /** Hash of the last record. */
  readonly head: string;
  readonly previous: AuditRecord['previous'];
  /** Whether the process closed the chain. Otherwise it was killed, or still runs. */
  readonly isClosed: boolean;
  /** Sentences about changed, removed or inserted records; empty if the chain is whole. */
  readonly faults: readonly string[];
}

/** Verifies the records of one chain, in their order. */
export function verifyChain(lines: readonly string[]): VerifiedChain {
  const faults: string[] = [];
  let last: AuditRecord | undefined;
  let previous: AuditRecord['previous'];
  let records = 0;
  for (const [index, line] of lines.entries()) {
    const record = parseRecord(line);
    const at = `line ${index + 1}`;
    if (!record) {
      faults.push(`${at} is not a record.`);
      continue;
    }
    if (record.hash !== hashOf(record)) faults.push(`${at} was changed: its hash is wrong.`);
    const expected = last ? last.seq + 1 : 0;
    if (record.seq !== expected) faults.push(`${at} has number ${record.seq} instead of ${expected}.`);
    else if (record.prev !== (last?.hash ?? '')) faults.push(`${at} does not follow the line before.`);
    if (last && record.chain !== last.chain) faults.push(`${at} belongs to another chain.`);
    if (last?.event === 'chain.closed') faults.push(`${at} comes after the end of the chain.`);
    if (record.event === 'chain.opened') previous = record.previous;
    last = record;
    records++;
  }
  return {
    chain: last?.chain ?? '',
    records,
    head: last?.hash ?? '',
    previous,
    isClosed: last?.event === 'chain.closed',
    faults,
  };
}

/** Verifies that chains continue those before them. A chain may continue one that has been removed as too old. */
export function verifyLinks(chains: readonly VerifiedChain[]): string[] {
  const heads = new Map(chains.map(({ chain, head }) => [chain, head]));
  const oldest = chains.map(({ chain }) => chain).toSorted()[0];
  return chains.flatMap(({ chain, previous }) => {
    if (!previous) return [];
    const head = heads.get(previous.chain);
    if (head === previous.hash) return [];
    if (head !== undefined)
      return [`Chain ${previous.chain} was cut off: chain ${chain} knows another end of it.`];
    return previous.chain < (oldest ?? '')
      ? []
      : [`Chain ${previous.chain} is missing, which chain ${chain} continues.`];
  });
}

/** Reads a line; undefined if it is no record. */
export function parseRecord(line: string): AuditRecord | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is AuditRecord =>
  typeof value === 'object' && value !== null && 'seq' in value && 'hash' in value && 'chain' in value;
