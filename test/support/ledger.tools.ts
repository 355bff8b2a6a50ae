import { Injectable, Module, Scope } from '@nestjs/common';
import { z } from 'zod';

import { OrganizationDatabase } from '../../src/database/index.js';
import { CallContext, McpTool, Organization, Principal, Tenant } from '../../src/mcp/index.js';

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Records its callers. One instance per organization. */
@Injectable({ scope: Scope.REQUEST, durable: true })
class Ledger {
  readonly subjects = new Set<string>();

  constructor(readonly tenant: Tenant) {}
}

/** One instance per request. */
@Injectable()
class Bookkeeper {
  constructor(
    readonly principal: Principal,
    readonly organization: Organization,
  ) {}
}

const entry = z.object({
  title: z.string(),
  /** Pauses in milliseconds: before the transaction, inside it, and before the next one. */
  delays: z.tuple([z.number(), z.number(), z.number()]),
});

@Injectable()
class LedgerTools {
  constructor(
    private readonly ledger: Ledger,
    private readonly bookkeeper: Bookkeeper,
    private readonly database: OrganizationDatabase,
  ) {}

  @McpTool({
    name: 'enter',
    scopes: 'authenticated',
    description:
      'Adds a todo, lists all, deletes it, and says whom everything on the way took the caller for.',
    input: entry,
  })
  async enter({ title, delays }: z.output<typeof entry>, call: CallContext): Promise<object> {
    const [before, inside, after] = delays;
    const { subject } = this.bookkeeper.principal;
    await pause(before);
    this.ledger.subjects.add(subject);
    const rows = await this.database.transaction(call, async (transaction) => {
      await transaction.insertInto('todos').values({ title, created_by: subject }).execute();
      await pause(inside);
      return transaction.selectFrom('todos').select(['organization_id', 'title', 'created_by']).execute();
    });
    await pause(after);
    const deleted = await this.database.transaction(call, (transaction) =>
      transaction.deleteFrom('todos').where('title', '=', title).returning('created_by').execute(),
    );
    return {
      subject: this.bookkeeper.principal.subject,
      subjects: [...this.ledger.subjects],
      organizations: [
        this.bookkeeper.organization.id,
        call.organization.id,
        this.ledger.tenant.organizationId,
        ...new Set(rows.map((row) => row.organization_id)),
      ],
      authors: [...new Set(rows.map((row) => row.created_by))],
      added: rows.filter((row) => row.title === title).length,
      deleted: deleted.length,
    };
  }
}

@Module({ providers: [Ledger, Bookkeeper, LedgerTools] })
export class LedgerToolsModule {}
