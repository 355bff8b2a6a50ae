import { z } from 'zod';

import { count, longSecret, text, words } from '../formats.js';
import { section, variable } from '../variable.js';

const SINKS = ['file', 'stdout'] as const;

const sink = z.templateLiteral([z.enum(SINKS), z.enum(['', ':drop', ':refuse'])]).transform((given) => {
  const [name, onFull = 'drop'] = given.split(':');
  return { name: z.enum(SINKS).parse(name), onFull: z.enum(['drop', 'refuse']).parse(onFull) };
});

export const audit = section(
  'Audit trail',
  {
    AUDIT: variable({
      schema: words(sink, 1),
      otherwise: 'no audit trail',
      description:
        'where [audit records](audit.md) go: `file`, `stdout`, or both separated by spaces; with `file:refuse`, calls that cannot be recorded are refused instead of left out',
      remedy: 'Use file, stdout, file:refuse or stdout:refuse, separated by spaces.',
      example: 'file:refuse stdout',
    }),
    AUDIT_DIRECTORY: variable({
      schema: text,
      otherwise: '`audit` in `STATE_DIRECTORY`',
      description: 'directory of the files of audit records',
      remedy: 'Use the path of a directory that Aerie can write to.',
      example: '/var/log/aerie',
    }),
    AUDIT_RETENTION_DAYS: variable({
      schema: count,
      otherwise: 'files are kept',
      description: 'days after which a file of audit records is removed',
      remedy: 'Use a number of days such as 365, or leave it unset.',
      example: '365',
    }),
    AUDIT_DIGEST_KEY: variable({
      schema: longSecret,
      otherwise: 'no digests',
      description: 'secret with which audit records contain a digest of the arguments',
      remedy: 'Use a random text of at least 32 characters, such as that of: openssl rand -hex 32',
      exampleFile: '/run/secrets/audit_digest_key',
      secret: true,
    }),
  },
  (values, stateDirectory: string) => ({
    /** Audit trail; undefined if there is none. */
    audit: values.AUDIT && {
      sinks: values.AUDIT,
      directory: values.AUDIT_DIRECTORY ?? `${stateDirectory}/audit`,
      /** Days after which a file is removed; undefined to keep all. */
      retention: values.AUDIT_RETENTION_DAYS,
      /** Key of the digests of arguments; undefined for none. */
      digestKey: values.AUDIT_DIGEST_KEY,
    },
  }),
);
