import { z } from 'zod';

/** Input of every benchmark tool, on every server. */
export const input = z.object({ name: z.string().min(1).describe('The name of whom to greet') });

export type Input = z.output<typeof input>;

export const toolName = (index: number): string => `tool_${index}`;
export const description = (index: number): string => `Greets somebody, and is the tool number ${index}.`;
export const greet = ({ name }: Input): string => `Hi ${name}`;

/** Number of tools that the server offers. */
export const TOOLS = Number(process.env['TOOLS'] ?? 50);
/** Numbers from 1 to `count`. */
export const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);
