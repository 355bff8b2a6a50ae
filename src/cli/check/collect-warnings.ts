import { pino } from 'pino';
import { z } from 'zod';

import type { Log } from '../../logging/log.js';

const WARN = 40;
const line = z.object({ level: z.literal(WARN), msg: z.string() });

/** Creates a log that writes nothing and collects the messages of all warnings. */
export function collectWarnings(): { readonly log: Log; readonly warnings: string[] } {
  const warnings: string[] = [];
  const write = (json: string): void => {
    const { data } = line.safeParse(JSON.parse(json));
    if (data) warnings.push(data.msg);
  };
  return { log: pino({ level: 'warn' }, { write }), warnings };
}
