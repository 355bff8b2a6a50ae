import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { CallContext, McpTool, ToolError } from '../../mcp/index.js';
import { type Todo, TodoRepository } from './todo.repository.js';

const id = z.uuid().describe('The id of the todo, as list_todos and add_todo return it');
const byId = z.object({ id });
const newTodo = z.object({
  title: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .refine((title) => !/\p{Cc}/u.test(title), 'must be one line, without control characters')
    .describe('What is to be done, in one line'),
});
const page = z.object({
  status: z.enum(['open', 'done', 'all']).default('open').describe('Which todos'),
  limit: z.int().min(1).max(100).default(20).describe('How many at most'),
  cursor: z.string().max(200).optional().describe('nextCursor of the page before, for the next one'),
});

/** Tools with real data: the todos that the members of an organization share. */
@Injectable()
export class TodoTools {
  constructor(private readonly todos: TodoRepository) {}

  @McpTool({
    name: 'list_todos',
    title: 'List todos',
    description:
      "Lists the todos of the caller's organization, newest first. When there are more, nextCursor is there: pass it as cursor to get them.",
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
    description: "Adds a todo that all members of the caller's organization see. Returns it with its id.",
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
    description: 'Marks a todo as done and returns it. One that is done already stays as it is.',
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
      'Deletes a todo for good, done or not, and returns what it was. To keep it, complete it instead.',
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
  throw new ToolError(`There is no todo ${unknown}. list_todos, with status "all", shows those there are.`);
}
