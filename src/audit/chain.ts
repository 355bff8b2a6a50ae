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

/** Start of the text of each record. */
const BEGIN = `{"v":${AUDIT_VERSION},"time":"`;

/** Returns the hash of a line: of its exact text without the hash. */
export const hashOf = (line: string): string => hash('sha256', line.replace(HASH_MEMBER, '}'), 'hex');

/** Maximum number of records whose hashes wait. */
const MAX_UNHASHED = 500;

/**
 * Chain of records, each of which contains the hash of the one before. A changed, removed or inserted record breaks the
 * chain.
 *
 * Records are hashed when a sink writes them, many at once: alone in the middle of a request, each would first have to
 * bring the code of JSON and SHA-256 back into the caches of the processor, which takes several times as long.
 */
export class Chain {
  /** Begins with the time, so that the names of files are in order. */
  readonly id: string;
  /** Start of the members after the fields, which is the same for all records. */
  readonly #common: string;
  #unhashed: ChainedLine[] = [];
  #seq = 0;
  #head = '';

  constructor(
    readonly instance: string,
    now: number,
  ) {
    this.id = `${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomUUID()}`;
    this.#common = `"instance":${JSON.stringify(instance)},"chain":"${this.id}","seq":`;
  }

  /** Number of records. */
  get length(): number {
    return this.#seq;
  }

  /** Hash of the last record. */
  get head(): string {
    this.hashAll();
    return this.#head;
  }

  /**
   * @param fields must not change afterwards
   * @param time milliseconds since the epoch
   * @param caller fields that the record has in addition
   */
  add(fields: AuditFields, time: number, caller?: RecordedCaller): AuditLine {
    const line = new ChainedLine(this, time, fields, caller, this.#seq++);
    this.#unhashed.push(line);
    if (this.#unhashed.length >= MAX_UNHASHED) this.hashAll();
    return line;
  }

  /** Hashes the records that are not hashed yet. */
  hashAll(): void {
    const lines = this.#unhashed;
    this.#unhashed = [];
    for (const line of lines) this.#head = line.hashAfter(this.#head, this.#common);
  }
}

/** Text of a record, and the hashes in it. */
interface Hashed extends Pick<AuditRecord, 'prev' | 'hash'> {
  readonly text: string;
}

/** Line of a chain. Its record is created on demand, because files and webhooks store only the text. */
class ChainedLine implements AuditLine {
  #hashed: Hashed | undefined;

  constructor(
    private readonly source: Chain,
    readonly time: number,
    private readonly fields: AuditFields,
    private readonly caller: RecordedCaller | undefined,
    private readonly seq: number,
  ) {}

  get chain(): string {
    return this.source.id;
  }

  get text(): string {
    return this.#linked().text;
  }

  get record(): AuditRecord {
    const { fields, caller, seq } = this;
    const { id: chain, instance } = this.source;
    const { prev, hash: own } = this.#linked();
    const time = isoTime(this.time);
    return { v: AUDIT_VERSION, time, ...fields, ...caller?.fields, instance, chain, seq, prev, hash: own };
  }

  /**
   * Hashes this record, and returns the hash.
   *
   * @param prev hash of the record before
   * @param common start of the members after the fields
   */
  hashAfter(prev: string, common: string): string {
    // Undefined fields are omitted from the JSON, and so from the hash.
    const fields = JSON.stringify(this.fields).slice(1, -1);
    // The log escapes control characters, which must not change a text that has been hashed.
    const text = withoutRawControls(
      `${BEGIN}${isoTime(this.time)}",${fields},${this.caller?.json ?? ''}${common}${this.seq},"prev":"${prev}"}`,
    );
    const own = hash('sha256', text, 'hex');
    this.#hashed = { prev, hash: own, text: `${text.slice(0, -1)},"hash":"${own}"}` };
    return own;
  }

  #linked(): Hashed {
    if (!this.#hashed) this.source.hashAll();
    if (!this.#hashed) throw new Error('A record is not part of its chain.');
    return this.#hashed;
  }
}
