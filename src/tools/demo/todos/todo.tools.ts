import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { CallContext, McpTool, ToolError } from '../../../mcp/index.js';
import { type Todo, TodoRepository } from './todo.repository.js';

const id = z.uuid().describe('Id of the todo, from list_todos or add_todo');
const byId = z.object({ id });
const newTodo = z.object({
  title: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((title) => !/\p{Cc}/u.test(title), 'must be one line without control characters')
    .describe('The task, in one line'),
});
const page = z.object({
  status: z.enum(['open', 'done', 'all']).default('open').describe('Status of the todos to list'),
  limit: z.int().min(1).max(100).default(20).describe('Maximum number of todos'),
  cursor: z.string().max(200).optional().describe('nextCursor of the previous page'),
});

/** Tools with real data: todos shared by the members of an organization. */
@Injectable()
export class TodoTools {
  constructor(private readonly todos: TodoRepository) {}

  @McpTool({
    name: 'list_todos',
    title: 'List todos',
    description:
      "Lists the todos of the caller's organization, newest first. If there are more, the result has nextCursor: pass it as cursor to get the next page.",
    input: page,
    scopes: ['todo:read'],
    annotations: { readOnlyHint: true, openWorldHint: false },
  })
  list(input: z.output<typeof page>, call: CallContext): Promise<{ todos: Todo[]; nextCursor?: string }> {
    return this.todos.list(input, call);
  }

  @McpTool({
    name: 'add_todo',
    title: 'Add a todo',
    description:
      "Adds a todo that all members of the caller's organization can see. Returns the todo with its id.",
    input: newTodo,
    scopes: ['todo:write'],
    visibility: 'discoverable', // so that a model can find it, and its client ask for the scope
    annotations: { destructiveHint: false, openWorldHint: false },
  })
  add({ title }: z.output<typeof newTodo>, call: CallContext): Promise<Todo> {
    return this.todos.add(title, call);
  }

  @McpTool({
    name: 'complete_todo',
    title: 'Complete a todo',
    description: 'Marks a todo as done and returns it. Has no effect on a todo that is already done.',
    input: byId,
    scopes: ['todo:write'],
    visibility: 'discoverable', // so that a model can find it, and its client ask for the scope
    annotations: { destructiveHint: false, idempotentHint: true, openWorldHint: false },
  })
  async complete(input: z.output<typeof byId>, call: CallContext): Promise<Todo> {
    return (await this.todos.complete(input.id, call)) ?? unknownTodo(input.id);
  }

  @McpTool({
    name: 'delete_todo',
    title: 'Delete a todo',
    description:
      'Permanently deletes a todo, done or not, and returns it. To keep a finished todo, use complete_todo instead.',
    input: byId,
    scopes: ['todo:write'],
    visibility: 'discoverable', // so that a model can find it, and its client ask for the scope
    annotations: { destructiveHint: true, openWorldHint: false },
  })
  async delete(input: z.output<typeof byId>, call: CallContext): Promise<Todo> {
    return (await this.todos.delete(input.id, call)) ?? unknownTodo(input.id);
  }
}

function unknownTodo(unknown: string): never {
  throw new ToolError(
    `The todo ${unknown} does not exist. Call list_todos with status "all" to find valid ids.`,
  );
}
