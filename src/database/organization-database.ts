import { Injectable, Scope } from '@nestjs/common';

import { Organization } from '../auth/organization.js';
import { ToolError } from '../mcp/tool-error.js';
import { Database } from './database.js';
import { FolderInUseError } from './folder-lock.js';
import { DatabaseUnreachableError } from './unreachable.js';
import type { Call, Work } from './unit-of-work.js';

/**
 * The rows of the caller's organisation, and of no other: it has no parameter for one.
 *
 * Request-scoped, and so is whatever injects it.
 */
@Injectable({ scope: Scope.REQUEST })
export class OrganizationDatabase {
  constructor(
    private readonly database: Database,
    private readonly organization: Organization,
  ) {}

  /**
   * Runs queries in a transaction: all of them happen, or, where one of them or the work throws, none.
   *
   * Begin one for each thing that must happen as a whole, and keep it short: it has a connection to itself.
   *
   * @param call the tool's `CallContext`: its signal and deadline end the work
   * @throws {ToolError} when the database cannot be reached
   * @throws the signal's reason once that has fired
   */
  async transaction<Outcome>(call: Call, work: Work<Outcome>): Promise<Outcome> {
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
    return new ToolError('Another process uses the embedded database. Stop it, or set DATABASE_URL.');
  }
  return undefined;
}
