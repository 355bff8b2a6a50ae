import { Logger } from '@nestjs/common';

import type { LineLog } from './line-log.js';

/** Writes lines through NestJS's `Logger`, as objects whose `message` says what the line is about. */
export function nestLines(): LineLog {
  const logger = new Logger('Aerie');
  return {
    debug: (fields, message) => logger.debug(line(fields, message)),
    info: (fields, message) => logger.log(line(fields, message)),
    warn: (fields, message) => logger.warn(line(fields, message)),
    error: (fields, message) => logger.error(line(fields, message)),
  };
}

const line = (fields: object, message: string): object => ({
  message,
  ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)),
});
