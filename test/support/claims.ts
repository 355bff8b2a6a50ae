import { z } from 'zod';

import type { ClaimsOf } from '../../src/mcp/index.js';

/** Claims that applications under test declare. */
export const DECLARED = {
  department: z.enum(['sales', 'support']).optional(),
  limits: z.object({ orders: z.number() }).default({ orders: 10 }),
};

declare module '../../src/mcp/index.js' {
  interface Claims extends ClaimsOf<typeof DECLARED> {}
}
