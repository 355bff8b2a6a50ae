import { z } from 'zod';

const icons = z.array(
  z.strictObject({
    src: z.string().regex(/^(https:|data:)/),
    mimeType: z.string().optional(),
    sizes: z.array(z.string().regex(/^(\d+x\d+|any)$/)).optional(),
    theme: z.enum(['light', 'dark']).optional(),
  }),
);

/** Icons of the server (MCP specification, Icon). */
export type Icons = z.output<typeof icons>;

/** Parses the URL of an image or a JSON list of icons; returns undefined for invalid text. */
export function parseIcons(text: string): Icons | undefined {
  try {
    const given: unknown = text.startsWith('[') ? JSON.parse(text) : [{ src: text }];
    return icons.safeParse(given).data;
  } catch {
    return undefined;
  }
}
