import { hash, randomUUID } from 'node:crypto';

import { isoTime } from '../logging/iso-time.js';
import { AUDIT_VERSION, type AuditFields, type AuditLine, type AuditRecord } from './audit-record.js';

const HASH_MEMBER = /,"hash":"[\da-f]{64}"\}$/;

/** Returns the hash of a line: of its exact text without the hash. */
export const hashOf = (line: string): string => hash('sha256', line.replace(HASH_MEMBER, '}'), 'hex');

/**
 * Chain of records, each of which contains the hash of the one before. A changed, removed or inserted record breaks the
 * chain.
 */
export class Chain {
  /** Begins with the time, so that the names of files are in order. */
  readonly id: string;
  #seq = 0;
  #head = '';

  constructor(
    private readonly instance: string,
    now: Date,
  ) {
    this.id = `${now.toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomUUID()}`;
  }

  /** Number of records. */
  get length(): number {
    return this.#seq;
  }

  /** Hash of the last record. */
  get head(): string {
    return this.#head;
  }

  add(fields: AuditFields, time: Date): AuditLine {
    const unsigned = {
      v: AUDIT_VERSION,
      time: isoTime(time.getTime()),
      ...fields,
      instance: this.instance,
      chain: this.id,
      seq: this.#seq++,
      prev: this.#head,
    } as const;
    // Undefined fields are omitted from the JSON, and so from the hash.
    const text = JSON.stringify(unsigned);
    this.#head = hash('sha256', text, 'hex');
    const record: AuditRecord = Object.assign(unsigned, { hash: this.#head });
    return { chain: this.id, time, text: `${text.slice(0, -1)},"hash":"${this.#head}"}`, record };
  }
}
