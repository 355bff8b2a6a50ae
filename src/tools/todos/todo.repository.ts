import { Injectable } from '@nestjs/common';
import type { Expression, ExpressionBuilder, SqlBool } from 'kysely';
import { z } from 'zod';

import { OrganizationDatabase, type Tables } from '../../database/index.js';
import { type CallContext, Principal } from '../../mcp/index.js';
import { fromCursor, type PagePosition, toCursor } from './page-cursor.js';

/** A todo as callers see it. */
export type Todo = {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  /** Subject of who added it. */
  readonly createdBy: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly completedAt: string | null;
};

export type TodoStatus = 'open' | 'done' | 'all';

/** Under which a todo is read. */
export const uriOf = (id: string): string => `todo://${id}`;

const isId = (text: string): boolean => z.uuid().safeParse(text).success;

/** Most ids that are proposed. */
const MOST_IDS = 1_000;

const COLUMNS = ['id', 'title', 'created_by', 'created_at', 'completed_at'] as const;

/** The todos of the caller's organisation. No query here names the organisation: the database sees to that. */
@Injectable()
export class TodoRepository {
  constructor(
    private readonly database: OrganizationDatabase,
    private readonly principal: Principal,
  ) {}

  /**
   * One page, newest first.
   *
   * @param cursor where the page before ended
   * @throws {ToolError} when the cursor is none
   */
  async list(
    page: { status: TodoStatus; limit: number; cursor?: string | undefined },
    call: CallContext,
  ): Promise<{ todos: Todo[]; nextCursor?: string }> {
    const { status, limit } = page;
    const after = page.cursor === undefined ? undefined : fromCursor(page.cursor);
    const rows = await this.database.transaction(call, (transaction) =>
      transaction
        .selectFrom('todos')
        .select(COLUMNS)
        .$if(status !== 'all', (query) =>
          query.where('completed_at', status === 'open' ? 'is' : 'is not', null),
        )
        .$call((query) => (after ? query.where((row) => isAfter(row, after)) : query))
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute(),
    );
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      todos: shown.map(toTodo),
      ...(rows.length > limit &&
        last && { nextCursor: toCursor({ createdAt: last.created_at, id: last.id }) }),
    };
  }

  /** undefined where there is none. */
  async find(id: string, call: CallContext): Promise<Todo | undefined> {
    if (!isId(id)) return undefined;
    const row = await this.database.transaction(call, (transaction) =>
      transaction.selectFrom('todos').select(COLUMNS).where('id', '=', id).executeTakeFirst(),
    );
    return row && toTodo(row);
  }

  /** Newest first. */
  async idsBeginningWith(start: string, call: CallContext): Promise<string[]> {
    if (!/^[\da-f-]{0,36}$/i.test(start)) return [];
    const rows = await this.database.transaction(call, (transaction) =>
      transaction
        .selectFrom('todos')
        .select('id')
        .where((todo) => todo.cast<string>('id', 'text'), 'like', `${start.toLowerCase()}%`)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(MOST_IDS)
        .execute(),
    );
    return rows.map(({ id }) => id);
  }

  async add(title: string, call: CallContext): Promise<Todo> {
    const row = await this.database.transaction(call, (transaction) =>
      transaction
        .insertInto('todos')
        .values({ title, created_by: this.principal.subject })
        .returning(COLUMNS)
        .executeTakeFirstOrThrow(),
    );
    call.resourceListChanged();
    return toTodo(row);
  }

  /** Completes it; one that is done stays as it is. undefined where there is none. */
  async complete(id: string, call: CallContext): Promise<Todo | undefined> {
    const row = await this.database.transaction(call, (transaction) =>
      transaction
        .updateTable('todos')
        .set((todo) => ({ completed_at: todo.fn.coalesce('completed_at', todo.val(new Date())) }))
        .where('id', '=', id)
        .returning(COLUMNS)
        .executeTakeFirst(),
    );
    if (!row) return undefined;
    call.resourceUpdated(uriOf(id));
    return toTodo(row);
  }

  /** Deletes it for good. undefined where there is none. */
  async delete(id: string, call: CallContext): Promise<Todo | undefined> {
    const row = await this.database.transaction(call, (transaction) =>
      transaction.deleteFrom('todos').where('id', '=', id).returning(COLUMNS).executeTakeFirst(),
    );
    if (!row) return undefined;
    call.resourceUpdated(uriOf(id));
    call.resourceListChanged();
    return toTodo(row);
  }
}

/** In the order of the list, which is newest first. */
function isAfter(
  row: ExpressionBuilder<Tables, 'todos'>,
  { createdAt, id }: PagePosition,
): Expression<SqlBool> {
  return row(row.refTuple('created_at', 'id'), '<', row.tuple(createdAt, id));
}

interface TodoRow {
  readonly id: string;
  readonly title: string;
  readonly created_by: string;
  readonly created_at: Date;
  readonly completed_at: Date | null;
}

function toTodo({ id, title, created_by, created_at, completed_at }: TodoRow): Todo {
  return {
    id,
    title,
    done: completed_at !== null,
    createdBy: created_by,
    createdAt: created_at.toISOString(),
    completedAt: completed_at?.toISOString() ?? null,
  };
}
