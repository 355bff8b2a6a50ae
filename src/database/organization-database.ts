import { Injectable, Scope } from '@nestjs/common';

import { Organization } from '../auth/organization.js';
import { ToolError } from '../tool-error.js';
import { Database } from './database.js';
import { FolderInUseError } from './folder-lock.js';
import { DatabaseUnreachableError } from './unreachable.js';
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
  ) {}

  /**
   * Runs queries in a transaction. Rolls all of them back if a query or the work throws.
   *
   * Keep transactions short, because each occupies a connection. Put only queries that belong together into one.
   *
   * @param call `CallContext` of the tool, whose signal and deadline end the work
   * @throws {ToolError} when the database cannot be reached
   * @throws the reason of the signal once it has fired
   */
  async transaction<Outcome>(call: OwningCall, work: TransactionWork<Outcome>): Promise<Outcome> {
    try {
      return await this.database.transaction(this.organization.id, call, work);
    } catch (error) {
      throw forModels(error) ?? error;
    }
  }
}

function forModels(error: unknown): ToolError | undefined {
  if (error instanceof DatabaseUnreachableError) {
    return new ToolError('The database cannot be reached now. Try again shortly.');
  }
  if (error instanceof FolderInUseError) {
    return new ToolError(
      'Another process uses the embedded database. Stop that process, or set DATABASE_URL.',
    );
  }
  return undefined;
}
