import { createHash, createHmac, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';

import { type Kysely, type QueryExecutorProvider, sql } from 'kysely';

/** Bytes of a SHA-256 block, to which HMAC pads its key (RFC 2104 §2). */
const BLOCK = 64;
/** Keys that the database accepts at a time: the current one, and the one before it during a rolling upgrade. */
const MAX_KEYS = 2;
/** Separates this use of the secret from any other. */
const SALT = 'aerie tenant key';

const derive: (secret: string, salt: string, length: number) => Promise<Buffer> = promisify(scrypt);

/** Selects what tells a transaction from all others, as `aerie.organization()` sees it: the process and the start in µs. */
export const TRANSACTION_ID =
  "select concat_ws(' ', pg_backend_pid(), (extract(epoch from now()) * 1000000)::bigint) as id";

/**
 * Signs which organization a transaction is for. The policies of all tables verify the signature with a key that the
 * application's role cannot read, so SQL in a query cannot change the organization.
 */
export class TenantKey {
  private constructor(private readonly key: Buffer) {}

  /** Derives the key from a secret, such as the password of the application's role, which SQL cannot read. Takes 50 ms. */
  static async fromSecret(secret: string): Promise<TenantKey> {
    return new TenantKey(await derive(secret, SALT, 32));
  }

  /** Makes a key that no other process has. */
  static random(): TenantKey {
    return new TenantKey(randomBytes(32));
  }

  /** @param transaction what {@link TRANSACTION_ID} selects in the transaction */
  sign(transaction: string, organizationId: string): string {
    return createHmac('sha256', this.key).update(`${transaction} ${organizationId}`).digest('hex');
  }

  /**
   * Lets the database accept this key, and forget all but the {@link MAX_KEYS} used last.
   *
   * @param database as the role that owns the schema
   */
  async register(database: Kysely<unknown>): Promise<void> {
    const id = createHash('sha256').update(this.key).digest('hex').slice(0, 16);
    await sql`
      insert into aerie.tenant_keys (id, inner_pad, outer_pad)
      values (${id}, ${this.#padded(0x36)}, ${this.#padded(0x5c)})
      on conflict (id) do update set used_at = now()`.execute(database);
    await sql`
      delete from aerie.tenant_keys where id not in
        (select id from aerie.tenant_keys order by used_at desc, id limit ${sql.lit(MAX_KEYS)})`.execute(
      database,
    );
  }

  /** Whether the database accepts this key. */
  async isAccepted(database: Kysely<unknown>): Promise<boolean> {
    return database.transaction().execute(async (transaction) => {
      const probe = 'probe';
      const signature = this.sign(await transactionIdOf(transaction), probe);
      await sql`select
        set_config('aerie.organization', ${probe}, true),
        set_config('aerie.signature', ${signature}, true)`.execute(transaction);
      const { rows: found } = await sql<{ organization: string | null }>`
        select aerie.organization() as organization`.execute(transaction);
      return found[0]?.organization === probe;
    });
  }

  #padded(pad: number): Buffer {
    return Buffer.from(Buffer.concat([this.key], BLOCK).map((byte) => byte ^ pad));
  }
}

/** Asks the database for the id of a transaction that has begun. */
export async function transactionIdOf(transaction: QueryExecutorProvider): Promise<string> {
  const { rows } = await sql<{ id: string }>`${sql.raw(TRANSACTION_ID)}`.execute(transaction);
  return rows[0]?.id ?? '';
}
