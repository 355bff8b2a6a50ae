import { Injectable } from '@nestjs/common';

import { CallContext, type ListedResource, McpResource } from '../../../mcp/index.js';
import { type Todo, TodoRepository, uriOf } from './todo.repository.js';

/** Maximum number of todos in `resources/list`, newest first. */
const MAX_LISTED = 100;

/** Todos as resources that clients can read, attach to a conversation and subscribe to. */
@Injectable()
export class TodoResource {
  constructor(private readonly todos: TodoRepository) {}

  @McpResource({
    uri: 'todo://{id}',
    name: 'todo',
    title: 'Todo',
    description: `A todo of the caller's organization. The list contains the ${MAX_LISTED} newest todos.`,
    mimeType: 'application/json',
    scopes: ['todo:read'],
    list: 'newest',
    complete: { id: 'ids' },
  })
  read({ id }: { readonly id: string }, call: CallContext): Promise<Todo | undefined> {
    return this.todos.find(id, call);
  }

  async newest(_nothing: object, call: CallContext): Promise<ListedResource[]> {
    const { todos } = await this.todos.list({ status: 'all', limit: MAX_LISTED }, call);
    return todos.map(({ id, title }) => ({ uri: uriOf(id), name: id, title }));
  }

  ids({ value }: { readonly value: string }, call: CallContext): Promise<string[]> {
    return this.todos.idsBeginningWith(value, call);
  }
}
