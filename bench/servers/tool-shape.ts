import { z } from 'zod';

/** What every benched tool takes, on every server. */
export const input = z.object({ name: z.string().min(1).describe('The name of whom to greet') });

export type Input = z.output<typeof input>;

export const toolName = (index: number): string => `tool_${index}`;
export const description = (index: number): string => `Greets somebody, and is the tool number ${index}.`;
export const greet = ({ name }: Input): string => `Hi ${name}`;

/** How many tools the server is to offer. */
export const TOOLS = Number(process.env['TOOLS'] ?? 50);
/** The numbers from 1 to so many. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
