import { z } from 'zod';

import { LOOPBACK_HOSTS } from '../../values/loopback.js';
import { httpUrl } from '../../values/http-url.js';
import { count, longSecret, parsedBy, postgresUrl, text, words } from '../formats.js';
import { section, variable } from '../variable.js';
import { withoutSlash } from '../../values/without-slash.js';

/** Destinations of audit records. */
export const SINKS = ['file', 'postgres', 'webhook', 'otlp', 'stdout'] as const;

const sink = z
  .templateLiteral([z.enum(SINKS), z.enum(['', ':drop', ':refuse'])])
  // The log drops lines itself, so nobody could tell that calls must be refused.
  .refine((given) => given !== 'stdout:refuse');

/** Destination of audit records, and what happens to a call while the destination is full. */
interface Sink {
  readonly name: (typeof SINKS)[number];
  readonly onFull: 'drop' | 'refuse';
}

/** Reads a destination. The list keeps its text, so that the options of an application have its type. */
export function sinkOf(given: z.output<typeof sink>): Sink {
  const [name, onFull = 'drop'] = given.split(':');
  return { name: z.enum(SINKS).parse(name), onFull: z.enum(['drop', 'refuse']).parse(onFull) };
}

/** Regular expressions, separated by spaces. The patterns of a frozen configuration could not be used. */
const patterns = parsedBy<readonly string[]>((given) => {
  const sources = given.split(/\s+/).filter(Boolean);
  try {
    sources.forEach((source) => new RegExp(source, 'g'));
    return sources;
  } catch {
    return undefined;
  }
});

/** Secret in the format of Standard Webhooks. */
const webhookSecret = z.string().regex(/^whsec_[A-Za-z\d+/]{32,}={0,2}$/);

const webhookUrl = httpUrl.refine((given) => {
  const { protocol, hostname } = new URL(given);
  return protocol === 'https:' || LOOPBACK_HOSTS.includes(hostname);
});

export const audit = section(
  'Audit trail',
  {
    AUDIT: variable({
      schema: words(sink, 1).refine(
        (sinks) => new Set(sinks.map((given) => sinkOf(given).name)).size === sinks.length,
      ),
      otherwise: 'no audit trail',
      description:
        'where [audit records](audit.md) go: `file`, `postgres`, `webhook`, `otlp`, `stdout`, or several separated by spaces; with `file:refuse`, calls that cannot be recorded are refused instead of left out',
      remedy:
        'Use file, postgres, webhook, otlp or stdout, each once, separated by spaces. All but stdout may end with :refuse.',
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
      otherwise: 'records are kept',
      description:
        'days for which audit records are kept in files, or up to three more, because a file has the records of a day; `audit prune` removes those in PostgreSQL',
      remedy: 'Use a number of days such as 365, or leave it unset.',
      example: '365',
    }),
    AUDIT_DATABASE_URL: variable({
      schema: postgresUrl,
      description:
        '[PostgreSQL](audit.md#postgresql) for audit records, with a role that can insert them and do nothing else',
      remedy:
        'Use a URL such as postgresql://aerie_audit_writer:password@host:5432/database, with percent-encoded parts.',
      exampleFile: '/run/secrets/audit_database_url',
      secret: true,
    }),
    AUDIT_WEBHOOK_URL: variable({
      schema: webhookUrl,
      description: 'HTTPS URL that gets audit records by [webhook](audit.md#webhook)',
      remedy: 'Use an HTTPS URL such as https://siem.example.com/aerie',
      example: 'https://siem.example.com/aerie',
    }),
    AUDIT_WEBHOOK_SECRET: variable({
      schema: words(webhookSecret, 1),
      description:
        'secret that signs the requests of the webhook, in the format of Standard Webhooks; with several, separated by spaces, each signs (for [rotation](rotation.md#the-secret-of-the-audit-webhook))',
      remedy: 'Use the output of: echo whsec_$(openssl rand -base64 32)',
      exampleFile: '/run/secrets/audit_webhook_secret',
      secret: true,
    }),
    OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: variable({
      schema: z.url({ protocol: /^https?$/ }),
      otherwise: '`/v1/logs` at `OTEL_EXPORTER_OTLP_ENDPOINT`',
      description: 'URL with its path that gets audit records by [OTLP](audit.md#opentelemetry)',
      remedy: 'Use a URL such as http://localhost:4318/v1/logs, or set OTEL_EXPORTER_OTLP_ENDPOINT.',
      example: 'http://localhost:4318/v1/logs',
    }),
    AUDIT_REDACT: variable({
      schema: patterns,
      otherwise: 'nothing',
      description:
        'regular expressions separated by spaces; what matches in the recorded arguments is replaced by `[redacted]`',
      remedy: String.raw`Use patterns such as \b\d{13,19}\b, with \s for a space.`,
      example: String.raw`\b\d{13,19}\b [\w.+-]+@[\w.-]+`,
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
  (values, stateDirectory: string, collector: string | undefined) => ({
    /** Audit trail; undefined if there is none. */
    audit: values.AUDIT && {
      sinks: values.AUDIT.map(sinkOf),
      directory: values.AUDIT_DIRECTORY ?? `${stateDirectory}/audit`,
      /** Days after which a file is removed; undefined to keep all. */
      retention: values.AUDIT_RETENTION_DAYS,
      /** Connection string of the role that inserts records; undefined without PostgreSQL. */
      databaseUrl: values.AUDIT_DATABASE_URL,
      /** Webhook; undefined if there is none. */
      webhook:
        values.AUDIT_WEBHOOK_URL !== undefined && values.AUDIT_WEBHOOK_SECRET !== undefined
          ? { url: values.AUDIT_WEBHOOK_URL, secrets: values.AUDIT_WEBHOOK_SECRET }
          : undefined,
      /** URL for OTLP logs; undefined if there is none. */
      otlpUrl:
        values.OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ??
        (collector === undefined ? undefined : `${withoutSlash(collector)}/v1/logs`),
      /** Sources of the regular expressions for what is redacted. */
      redact: values.AUDIT_REDACT ?? [],
      /** Key of the digests of arguments; undefined for none. */
      digestKey: values.AUDIT_DIGEST_KEY,
    },
  }),
);
