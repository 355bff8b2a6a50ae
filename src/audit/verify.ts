import { isRecord } from '../values/is-record.js';
import type { AuditRecord } from './audit-record.js';
import { hashOf } from './chain.js';

/** Maximum number of faults of one chain that are listed. */
const MAX_FAULTS = 20;

/** Verified chain. */
export interface VerifiedChain {
  readonly chain: string;
  readonly records: number;
  /** Hash of the last record. */
  readonly head: string;
  readonly previous: AuditRecord['previous'];
  /** Whether the process closed the chain. Otherwise it was killed, or still runs. */
  readonly isClosed: boolean;
  /** Whether the last line has no end. */
  readonly isTorn: boolean;
  /** Number of records that the queue of the sink left out, as the chain itself says. */
  readonly leftOut: number;
  /** Sentences about changed, removed or inserted records; empty if the chain is whole. */
  readonly faults: readonly string[];
}

/** Verifies the records of one chain, one after the other. */
export class ChainVerifier {
  readonly #faults: string[] = [];
  readonly #gaps: string[] = [];
  #last: AuditRecord | undefined;
  #previous: AuditRecord['previous'];
  #lines = 0;
  #records = 0;
  /** Number of missing records that no record after them explains yet. */
  #unexplained = 0;
  /** Gaps that no record names yet, by the hash of the record before. */
  readonly #unnamed = new Set<string>();
  #leftOut = 0;
  #isTorn = false;

  /** @param sink sink that stored the chain */
  constructor(private readonly sink: string) {}

  /** @param fault fault of the storage of this line, if any */
  add(line: string, fault?: string): void {
    const at = `line ${++this.#lines}`;
    const record = parseRecord(line);
    if (fault !== undefined) this.#report(`${at} ${fault}`);
    if (!record) {
      this.#report(`${at} is not a record.`);
      return;
    }
    if (record.hash !== hashOf(line)) this.#report(`${at} was changed: its hash is wrong.`);
    this.#follow(record, at);
    if (record.event === 'chain.opened') this.#previous = record.previous;
    if (record.event === 'chain.opened' && this.#last) this.#report(`${at} opens the chain again.`);
    if (record.event === 'records.missed' && record.sink === this.sink) this.#explain(record, at);
    this.#last = record;
    this.#records++;
  }

  /** Adds a last line without an end, which only a process that did not close its chain leaves. */
  addTorn(): void {
    this.#isTorn = true;
    if (this.#last?.event === 'chain.closed') {
      this.#report(`line ${this.#lines + 1} comes after the end of the chain.`);
    }
  }

  get result(): VerifiedChain {
    const isExplained = this.#unexplained === 0 && this.#unnamed.size === 0;
    const faults = isExplained ? this.#faults : [...this.#faults, ...this.#gaps];
    return {
      chain: this.#last?.chain ?? '',
      records: this.#records,
      head: this.#last?.hash ?? '',
      previous: this.#previous,
      isClosed: this.#last?.event === 'chain.closed',
      isTorn: this.#isTorn,
      leftOut: this.#leftOut,
      faults: faults.slice(0, MAX_FAULTS),
    };
  }

  #follow({ event, seq, prev, chain }: AuditRecord, at: string): void {
    const last = this.#last;
    const expected = last ? last.seq + 1 : 0;
    if (seq > expected && last) {
      this.#unexplained += seq - expected;
      this.#unnamed.add(last.hash);
      if (this.#gaps.length < MAX_FAULTS) {
        this.#gaps.push(gap(at, seq, expected));
      }
    } else if (seq > expected) this.#report(gap(at, seq, expected));
    else if (seq < expected) this.#report(`${at} has the number ${seq} instead of ${expected}.`);
    else if (!last && event !== 'chain.opened') this.#report(`${at} does not open the chain.`);
    else if (prev !== (last?.hash ?? '')) this.#report(`${at} does not follow the line before.`);
    if (last && chain !== last.chain) this.#report(`${at} belongs to another chain.`);
    if (last?.event === 'chain.closed') this.#report(`${at} comes after the end of the chain.`);
  }

  /**
   * Explains gaps before this record. Records after it bind it, but not what comes before a gap, because the record after
   * a gap contains the hash of a missing one. So an explanation comes later, and names the record before each gap.
   */
  #explain({ count = 0, after }: AuditRecord, at: string): void {
    this.#leftOut += count;
    if (count > this.#unexplained) this.#report(`${at} explains more missing records than there are.`);
    this.#unexplained = Math.max(0, this.#unexplained - count);
    // Versions before 1 December 2026 name none.
    if (after === undefined) this.#unnamed.clear();
    else for (const hash of [after].flat()) this.#unnamed.delete(hash); // a forged one may be no list
  }

  #report(fault: string): void {
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(fault);
  }
}

function gap(at: string, seq: number, expected: number): string {
  const missing = seq - expected === 1 ? '1 record is' : `${seq - expected} records are`;
  return `${at} has the number ${seq} instead of ${expected}: ${missing} missing before it.`;
}

/** Result of verifying that chains continue those before them. */
interface Links {
  readonly faults: readonly string[];
  /** Missing chains that are older than all others: they may have been removed because of their age. */
  readonly older: readonly string[];
}

/** Verifies that chains continue those before them. */
export function verifyLinks(chains: readonly VerifiedChain[]): Links {
  const heads = new Map(chains.map(({ chain, head }) => [chain, head]));
  const oldest =
    chains
      .map(({ chain }) => chain)
      .filter((chain) => chain !== '')
      .toSorted()[0] ?? '';
  const faults: string[] = [];
  const older: string[] = [];
  for (const { chain, previous } of chains) {
    const head = previous && heads.get(previous.chain);
    if (!previous || head === previous.hash) continue;
    if (head !== undefined)
      faults.push(`Chain ${previous.chain} was cut off: chain ${chain} knows another end of it.`);
    else if (previous.chain < oldest) older.push(previous.chain);
    else faults.push(`Chain ${previous.chain} is missing, which chain ${chain} continues.`);
  }
  return { faults, older: [...new Set(older)] };
}

/** Reads a line; undefined if it is no record. */
export function parseRecord(line: string): AuditRecord | undefined {
  try {
    const record: unknown = JSON.parse(line);
    return isAuditRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Texts that each record has. A line may have been forged. */
const TEXTS = ['time', 'event', 'outcome', 'instance', 'chain', 'prev', 'hash'] as const;
/** Texts that a record may have. */
const FURTHER_TEXTS = [
  'reason',
  'organization',
  'subject',
  'client',
  'issuer',
  'token',
  'session',
  'actor',
  'tool',
  'resource',
  'prompt',
  'requestId',
  'traceId',
  'address',
  'sink',
] as const;

function isAuditRecord(value: unknown): value is AuditRecord {
  if (!isRecord(value) || !Number.isSafeInteger(value['seq'])) return false;
  const { previous, count } = value;
  return (
    TEXTS.every((name) => typeof value[name] === 'string') &&
    FURTHER_TEXTS.every((name) => value[name] === undefined || typeof value[name] === 'string') &&
    (count === undefined || (Number.isSafeInteger(count) && Number(count) >= 0)) &&
    (previous === undefined ||
      (isRecord(previous) && typeof previous['chain'] === 'string' && typeof previous['hash'] === 'string'))
  );
}
