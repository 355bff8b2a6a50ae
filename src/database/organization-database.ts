import { Injectable, Scope } from '@nestjs/common';

import { callerKeysOf } from '../auth/caller-keys.js';
import { Organization } from '../auth/organization.js';
import { Principal } from '../auth/principal.js';
import { OutageError, ToolError } from '../tool-error.js';
import { Database } from './database.js';
import { once } from './once.js';
import { FolderInUseError } from './folder-lock.js';
import type { ReadQuery } from './read.js';
import { type DatabaseTrouble, DatabaseUnavailableError, OutcomeUnknownError } from './unavailable.js';
import type { OwningCall, TransactionWork } from './unit-of-work.js';

/**
 * Database access to the rows of the caller's organization only.
 *
 * Request-scoped, as is every provider that injects it.
 */
@Injectable({ scope: Scope.REQUEST })
export class OrganizationDatabase {
  constructor(
    private readonly database: Database,
    private readonly organization: Organization,
    private readonly principal: Principal,
  ) {}

  /**
   * Runs queries in a transaction. Rolls all of them back if a query or the work throws.
   *
   * Keep transactions short, because each occupies a connection. Put only queries that belong together into one.
   *
   * @param call `CallContext` of the tool, whose signal and deadline end the work
   * @throws {ToolError} when the database cannot be used
   * @throws the reason of the signal once it has fired
   */
  async transaction<Outcome>(call: OwningCall, work: TransactionWork<Outcome>): Promise<Outcome> {
    try {
      return await this.database.transaction(this.organization.id, call, work);
    } catch (error) {
      throw forModels(error) ?? error;
    }
  }

  /**
   * Runs one query in a read-only transaction, which takes one round trip to the database instead of three.
   *
   * With values, the query is compiled only once for each `build`. So declare `build` outside of the method, and let it
   * depend on its arguments only: `param('id')` stands for the value `id`.
   *
   * @param call `CallContext` of the tool, whose signal and deadline end the query
   * @param build returns the query without running it
   * @param values parameters of the query
   * @throws like {@link transaction}
   */
  async read<Row, Values extends object>(
    call: OwningCall,
    build: ReadQuery<Row, Values>,
    values?: Values,
  ): Promise<Row[]> {
    try {
      return await this.database.read(this.organization.id, call, build, values);
    } catch (error) {
      throw forModels(error) ?? error;
    }
  }

  /**
   * Runs queries in a transaction like {@link transaction}, but only once for each idempotency key of the caller. A retry
   * returns the outcome of the first call, which is stored in the same transaction for a day or longer. Without a key,
   * runs each time. A transaction that was rolled back leaves no outcome, so a retry runs it again.
   *
   * @param call `CallContext` of the tool, with the key
   * @param request name of the tool and its arguments; JSON
   * @param work returns JSON, because its outcome is stored
   * @throws {ToolError} when the key belongs to a call with another request
   */
  async once<Outcome>(call: OwningCall, request: unknown, work: TransactionWork<Outcome>): Promise<Outcome> {
    const key = call.idempotencyKey;
    if (key === undefined) return this.transaction(call, work);
    const { caller } = callerKeysOf(this.principal);
    return this.transaction(call, once({ caller, key, request }, work));
  }
}

const MESSAGES: Readonly<Record<DatabaseTrouble, string>> = {
  unreachable: 'The database cannot be reached now. Try again shortly.',
  connections: 'Too many connections to the database are in use now. Nothing was changed. Try again shortly.',
  disk_full:
    'The disk of the database is full. Nothing was changed, and a retry helps only after the administrator of this server has made room. Reading may still work.',
  read_only:
    'The database accepts no changes now, only reading. Nothing was changed. Try again in some minutes.',
};

const UNKNOWN =
  'The connection to the database was lost while the changes were stored. It is unknown whether they were: look before you try again, or repeat the call with the same idempotency key.';

function forModels(error: unknown): ToolError | undefined {
  if (error instanceof OutcomeUnknownError) return new OutageError(UNKNOWN, `database:${error.trouble}`);
  if (error instanceof DatabaseUnavailableError) {
    return new OutageError(MESSAGES[error.trouble], `database:${error.trouble}`);
  }
  if (error instanceof FolderInUseError) {
    return new ToolError(
      'Another process uses the embedded database. Stop that process, or set DATABASE_URL.',
    );
  }
  return undefined;
}
