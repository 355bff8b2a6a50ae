import { Injectable } from '@nestjs/common';

import { CallContext, type ListedResource, McpResource } from '../../mcp/index.js';
import { type Todo, TodoRepository, uriOf } from './todo.repository.js';

/** How many of the newest todos `resources/list` shows. */
const LISTED = 100;

/** Each todo as a resource that clients can read, attach to a conversation, and listen to. */
@Injectable()
export class TodoResource {
  constructor(private readonly todos: TodoRepository) {}

  @McpResource({
    uri: 'todo://{id}',
    name: 'todo',
    title: 'Todo',
    description: `A todo of the caller's organization. The list has the ${LISTED} newest.`,
    mimeType: 'application/json',
    scopes: ['todo:read'],
    list: 'newest',
    complete: { id: 'ids' },
  })
  read({ id }: { readonly id: string }, call: CallContext): Promise<Todo | undefined> {
    return this.todos.find(id, call);
  }

  async newest(_nothing: object, call: CallContext): Promise<ListedResource[]> {
    const { todos } = await this.todos.list({ status: 'all', limit: LISTED }, call);
    return todos.map(({ id, title }) => ({ uri: uriOf(id), name: id, title }));
  }

  ids({ value }: { readonly value: string }, call: CallContext): Promise<string[]> {
    return this.todos.idsBeginningWith(value, call);
  }
}
