import { Injectable } from '@nestjs/common';
import { type CallContext, McpTool } from 'aerie-mcp';
import { z } from 'zod';

/** Place of the notes, which a test replaces. */
@Injectable()
export class Notes {
  readonly #notes = new Map<string, string[]>();

  of(organization: string): string[] {
    const notes = this.#notes.get(organization) ?? [];
    this.#notes.set(organization, notes);
    return notes;
  }
}

@Injectable()
export class NoteTools {
  constructor(private readonly notes: Notes) {}

  @McpTool({
    name: 'add_note',
    scopes: ['note:write'],
    description: 'Adds a note.',
    input: z.object({ text: z.string() }),
  })
  addNote({ text }: { text: string }, { organization }: CallContext): string {
    this.notes.of(organization.id).push(text);
    return 'Added.';
  }

  @McpTool({ name: 'list_notes', scopes: ['note:write'], description: 'Lists the notes.' })
  listNotes(_input: object, { organization }: CallContext): string {
    return this.notes.of(organization.id).join('\n');
  }

  @McpTool({ name: 'delete_notes', scopes: ['note:write'], description: 'Deletes all notes.' })
  async deleteNotes(_input: object, context: CallContext): Promise<string> {
    const notes = this.notes.of(context.organization.id);
    const answer = await context.elicit({
      message: `Delete ${notes.length} notes?`,
      schema: z.object({ sure: z.boolean() }),
    });
    if (answer.action !== 'accept' || !answer.content.sure) return 'Nothing was deleted.';
    await context.progress(1, 1, 'deleted');
    notes.length = 0;
    return 'Deleted.';
  }
}
