import { hash, randomUUID } from 'node:crypto';

import { isoTime } from '../logging/iso-time.js';
import { withoutRawControls } from '../logging/terminal-safe.js';
import {
  AUDIT_VERSION,
  type AuditFields,
  type AuditLine,
  type AuditRecord,
  type RecordedCaller,
} from './audit-record.js';

const HASH_MEMBER = /,"hash":"[\da-f]{64}"\}$/;

/** Begin of the text of each record. */
const BEGIN = `{"v":${AUDIT_VERSION},"time":"`;

/** Returns the hash of a line: of its exact text without the hash. */
export const hashOf = (line: string): string => hash('sha256', line.replace(HASH_MEMBER, '}'), 'hex');

/**
 * Chain of records, each of which contains the hash of the one before. A changed, removed or inserted record breaks the
 * chain.
 */
export class Chain {
  /** Begins with the time, so that the names of files are in order. */
  readonly id: string;
  /** Start of the members after the fields, which is the same for all records. */
  readonly #common: string;
  #seq = 0;
  #head = '';

  constructor(
    readonly instance: string,
    now: Date,
  ) {
    this.id = `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomUUID()}`;
    this.#common = `"instance":${JSON.stringify(instance)},"chain":"${this.id}","seq":`;
  }

  /** Number of records. */
  get length(): number {
    return this.#seq;
  }

  /** Hash of the last record. */
  get head(): string {
    return this.#head;
  }

  /** @param caller fields that the record has in addition */
  add(fields: AuditFields, time: Date, caller?: RecordedCaller): AuditLine {
    const prev = this.#head;
    const seq = this.#seq++;
    // Undefined fields are omitted from the JSON, and so from the hash.
    const own = JSON.stringify(fields).slice(1, -1);
    // The log escapes control characters, which must not change a text that has been hashed.
    const text = withoutRawControls(
      `${BEGIN}${isoTime(time.getTime())}",${own},${caller?.json ?? ''}${this.#common}${seq},"prev":"${prev}"`,
    );
    this.#head = hash('sha256', `${text}}`, 'hex');
    const record = { fields, caller, seq, prev, hash: this.#head };
    return new ChainedLine(this, time, record, `${text},"hash":"${this.#head}"}`);
  }
}

/** Parts of a record that are not the same for the whole chain. */
interface RecordParts extends Pick<AuditRecord, 'seq' | 'prev' | 'hash'> {
  readonly fields: AuditFields;
  readonly caller: RecordedCaller | undefined;
}

/** Line of a chain. Its record is created on demand, because files and webhooks store only the text. */
class ChainedLine implements AuditLine {
  constructor(
    private readonly source: Chain,
    readonly time: Date,
    private readonly parts: RecordParts,
    readonly text: string,
  ) {}

  get chain(): string {
    return this.source.id;
  }

  get record(): AuditRecord {
    const { id: chain, instance } = this.source;
    const { fields, caller, ...linked } = this.parts;
    const time = isoTime(this.time.getTime());
    return { v: AUDIT_VERSION, time, ...fields, ...caller?.fields, instance, chain, ...linked };
  }
}
