import { hash, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

import { CompiledQuery, type Kysely, sql } from 'kysely';

/** Bytes of a SHA-256 block, to which HMAC pads its key (RFC 2104 §2). */
const BLOCK = 64;
/** Maximum number of accepted keys: the current key, and the previous one during a rolling upgrade. */
const MAX_KEYS = 2;
const PROBE_TIMEOUT_MS = 5_000;
/** Salt that separates this use of the secret from others. */
const SALT = 'aerie tenant key';

const derive: (secret: string, salt: string, length: number) => Promise<Buffer> = promisify(scrypt);

/**
 * Sets the settings of one transaction, and returns the minute in which it began. All values are bound: other sessions
 * of the same role can read the text of a statement in `pg_stat_activity`, and could read a signature in the text.
 */
export const ENTER =
  'select aerie.enter($1, $2, $3) as minute, pg_backend_pid() as "processId", now()::text as "beganAt"';

/** Binds a transaction like {@link ENTER}, and restricts it to reading. SQL cannot undo that. */
export const ENTER_READING = `${ENTER}, pg_catalog.set_config('transaction_read_only', 'on', true)`;

/** Organization of {@link TenantKey.isAccepted}, which has no rows. */
const PROBED = 'probe';
/** Binds a transaction of one statement, and returns the organization that policies then see. */
const PROBE = `with entered as materialized (select aerie.enter($1, $2, $3) as minute)
  select minute, aerie.organization() as organization from entered`;

/** Result of {@link PROBE}. */
export interface Probed {
  readonly minute: number;
  /** null if the signature is invalid. */
  readonly organization: string | null;
}

/** Result of {@link ENTER}. */
export interface Entered {
  readonly minute: number;
  /** ID of the server process that runs the transaction. Behind a pooler, each transaction may have another one. */
  readonly processId: number;
  /** Time at which the transaction began, in SQL. Together with the process, it identifies the transaction. */
  readonly beganAt: string;
}

/** Parameters of {@link ENTER}, and the minute in which they are valid. */
export interface Entry {
  readonly minute: number;
  readonly values: readonly [organizationId: string, signature: string, timeLeft: string];
}

/**
 * Signs the organization of a transaction. The policies of all tables verify the signature with a key that the
 * application role cannot read. So SQL in a query cannot change the organization.
 *
 * A signature is valid for transactions that begin in one minute of the database's clock. SQL can read the signature of
 * its own transaction: without expiry, a former member of an organization could reuse a stored signature.
 */
export class TenantKey {
  /** Last known minute of the database's clock. */
  #minute = 0;
  /** Signatures by organization, all of one minute. */
  readonly #signatures = new Map<string, string>();
  #signedMinute = 0;
  readonly #innerPad: Buffer;
  readonly #outerPad: Buffer;

  private constructor(private readonly key: Buffer) {
    this.#innerPad = padded(key, 0x36);
    this.#outerPad = padded(key, 0x5c);
  }

  /** Derives the key from a secret that SQL cannot read, such as the password of the application role. Takes 50 ms. */
  static async fromSecret(secret: string): Promise<TenantKey> {
    return new TenantKey(await derive(secret, SALT, 32));
  }

  /** Creates a random key for this process only. */
  static random(): TenantKey {
    return new TenantKey(randomBytes(32));
  }

  /**
   * Computes an HMAC-SHA256, like `aerie.organization()`. `createHmac` would take five times as long.
   *
   * @param minute minutes since 1970, by the database's clock
   */
  sign(minute: number, organizationId: string): string {
    const text = Buffer.from(`${minute} ${organizationId}`);
    const inner = hash('sha256', Buffer.concat([this.#innerPad, text]), 'buffer');
    return hash('sha256', Buffer.concat([this.#outerPad, inner]));
  }

  /**
   * Binds a running transaction to the organization. Takes one statement, or two when a new minute has begun.
   *
   * @param timeLeft maximum time for each statement, and maximum idle time of the transaction, milliseconds
   * @param isReading whether the transaction can only read from then on
   */
  async enter(
    transaction: Pick<Kysely<unknown>, 'executeQuery'>,
    organizationId: string,
    timeLeft: number,
    isReading = false,
  ): Promise<Entered | undefined> {
    const text = isReading ? ENTER_READING : ENTER;
    const entry = this.entry(organizationId, timeLeft);
    const { rows } = await transaction.executeQuery<Entered>(CompiledQuery.raw(text, [...entry.values]));
    const [entered] = rows;
    if (entered && this.isLate(entry, entered)) {
      const { values } = this.entry(organizationId, timeLeft);
      await transaction.executeQuery(CompiledQuery.raw(text, [...values]));
    }
    return entered;
  }

  /** Signs the organization for the last known minute of the database's clock. */
  entry(organizationId: string, timeLeft: number): Entry {
    const minute = this.#minute;
    return { minute, values: [organizationId, this.#signatureIn(minute, organizationId), String(timeLeft)] };
  }

  /** Whether the transaction began in another minute than expected. It then sees no rows, but the next entry is valid. */
  isLate({ minute }: Entry, entered: Pick<Entered, 'minute'>): boolean {
    if (entered.minute === minute) return false;
    this.#minute = entered.minute;
    return true;
  }

  #signatureIn(minute: number, organizationId: string): string {
    if (minute !== this.#signedMinute) {
      this.#signatures.clear();
      this.#signedMinute = minute;
    }
    let signature = this.#signatures.get(organizationId);
    if (signature === undefined) {
      this.#signatures.set(organizationId, (signature = this.sign(minute, organizationId)));
    }
    return signature;
  }

  /**
   * Registers this key in the database, and deletes all but the {@link MAX_KEYS} most recently used keys.
   *
   * @param database connected as the owner of the schema
   */
  async register(database: Kysely<unknown>): Promise<void> {
    const id = hash('sha256', this.key).slice(0, 16);
    await sql`
      insert into aerie.tenant_keys (id, inner_pad, outer_pad)
      values (${id}, ${this.#innerPad}, ${this.#outerPad})
      on conflict (id) do update set used_at = now()`.execute(database);
    await sql`
      delete from aerie.tenant_keys where id not in
        (select id from aerie.tenant_keys order by used_at desc, id limit ${sql.lit(MAX_KEYS)})`.execute(
      database,
    );
  }

  /**
   * Whether the database accepts this key. Takes one round trip, or two when a new minute has begun.
   *
   * @param run runs a statement in a transaction of its own
   */
  async isAccepted(
    run: (text: string, values: string[]) => Promise<{ readonly rows: readonly Probed[] }>,
  ): Promise<boolean> {
    for (;;) {
      const entry = this.entry(PROBED, PROBE_TIMEOUT_MS);
      const {
        rows: [probed],
      } = await run(PROBE, [...entry.values]);
      if (!probed || !this.isLate(entry, probed)) return probed?.organization === PROBED;
    }
  }
}

function padded(key: Buffer, pad: number): Buffer {
  return Buffer.from(Buffer.concat([key], BLOCK).map((byte) => byte ^ pad));
}
