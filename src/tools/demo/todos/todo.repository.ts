import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { OrganizationDatabase, type ReadQuery } from '../../../database/index.js';
import { type CallContext, Principal } from '../../../mcp/index.js';
import { fromCursor, type PagePosition, toCursor } from './page-cursor.js';

/** Todo in the form that callers see. */
export type Todo = {
  readonly id: string;
  readonly title: string;
  readonly done: boolean;
  /** Subject of the caller who added the todo. */
  readonly createdBy: string;
  /** Time of creation, ISO 8601. */
  readonly createdAt: string;
  readonly completedAt: string | null;
};

export type TodoStatus = 'open' | 'done' | 'all';

/** Returns the resource URI of a todo. */
export const uriOf = (id: string): string => `todo://${id}`;

const isId = (text: string): boolean => z.uuid().safeParse(text).success;

/** Maximum number of ids that completion proposes. */
const MAX_IDS = 1_000;

const COLUMNS = ['id', 'title', 'created_by', 'created_at', 'completed_at'] as const;

/** Queries of a page, newest first. */
interface Pages {
  readonly first: ReadQuery<TodoRow, { limit: number }>;
  readonly later: ReadQuery<TodoRow, PagePosition & { limit: number }>;
}

const BY_ID: ReadQuery<TodoRow, { id: string }> = (tables, param) =>
  tables.selectFrom('todos').select(COLUMNS).where('id', '=', param('id'));

const PAGES: Readonly<Record<TodoStatus, Pages>> = {
  open: pagesOf('open'),
  done: pagesOf('done'),
  all: pagesOf('all'),
};

function pagesOf(status: TodoStatus): Pages {
  const first = ((tables, param) =>
    tables
      .selectFrom('todos')
      .select(COLUMNS)
      .$if(status !== 'all', (query) =>
        query.where('completed_at', status === 'open' ? 'is' : 'is not', null),
      )
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .limit(param('limit'))) satisfies Pages['first'];
  const later: Pages['later'] = (tables, param) =>
    first(tables, param).where((row) =>
      row(row.refTuple('created_at', 'id'), '<', row.tuple(param('createdAt'), param('id'))),
    );
  return { first, later };
}

/** Stores the todos of the caller's organization. The database restricts every query to that organization. */
@Injectable()
export class TodoRepository {
  constructor(
    private readonly database: OrganizationDatabase,
    private readonly principal: Principal,
  ) {}

  /**
   * Returns one page, newest first.
   *
   * @throws {ToolError} when the cursor is invalid
   */
  async list(
    page: { status: TodoStatus; limit: number; cursor?: string | undefined },
    call: CallContext,
  ): Promise<{ todos: Todo[]; nextCursor?: string }> {
    const { status, limit } = page;
    const after = page.cursor === undefined ? undefined : fromCursor(page.cursor);
    const { first, later } = PAGES[status];
    const rows = await (after
      ? this.database.read(call, later, { ...after, limit: limit + 1 })
      : this.database.read(call, first, { limit: limit + 1 }));
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      todos: shown.map(toTodo),
      ...(rows.length > limit &&
        last && { nextCursor: toCursor({ createdAt: last.created_at, id: last.id }) }),
    };
  }

  /** Finds a todo. Returns undefined if it does not exist. */
  async find(id: string, call: CallContext): Promise<Todo | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read(call, BY_ID, { id });
    return row && toTodo(row);
  }

  /** Returns the ids with a prefix, newest first. */
  async idsBeginningWith(start: string, call: CallContext): Promise<string[]> {
    if (!/^[\da-f-]{0,36}$/i.test(start)) return [];
    const rows = await this.database.read(call, (tables) =>
      tables
        .selectFrom('todos')
        .select('id')
        .where((todo) => todo.cast<string>('id', 'text'), 'like', `${start.toLowerCase()}%`)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(MAX_IDS),
    );
    return rows.map(({ id }) => id);
  }

  async add(title: string, call: CallContext): Promise<Todo> {
    const todo = await this.database.once(call, { tool: 'add_todo', title }, async (transaction) =>
      toTodo(
        await transaction
          .insertInto('todos')
          .values({ title, created_by: this.principal.subject })
          .returning(COLUMNS)
          .executeTakeFirstOrThrow(),
      ),
    );
    call.resourceListChanged();
    return todo;
  }

  /** Marks a todo as done, unless it already is. Returns undefined if the todo does not exist. */
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

  /** Deletes a todo permanently. Returns undefined if the todo does not exist. */
  async delete(id: string, call: CallContext): Promise<Todo | undefined> {
    const todo = await this.database.once(call, { tool: 'delete_todo', id }, async (transaction) => {
      const row = await transaction
        .deleteFrom('todos')
        .where('id', '=', id)
        .returning(COLUMNS)
        .executeTakeFirst();
      return row && toTodo(row);
    });
    if (!todo) return undefined;
    call.resourceUpdated(uriOf(id));
    call.resourceListChanged();
    return todo;
  }
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
