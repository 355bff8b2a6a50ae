import { createServer, type Server } from 'node:http';

import { Injectable, Module } from '@nestjs/common';
import type { InMemorySpanExporter } from '@opentelemetry/sdk-trace';

import { OrganizationDatabase } from '../src/database/index.js';
import { CallContext, McpTool } from '../src/mcp/index.js';
import type { Telemetry } from '../src/telemetry/start-telemetry.js';
import { listen } from '../src/values/listen.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { CLIENTS } from './support/clients.js';
import { inMemoryTelemetry } from './support/in-memory-telemetry.js';
import { type PostgresServer, startPostgres } from './support/postgres.js';
import { until } from './support/until.js';

const upstream: { url: string; traceparents: unknown[] } = { url: '', traceparents: [] };

@Injectable()
class ReportTools {
  constructor(private readonly database: OrganizationDatabase) {}

  @McpTool({
    name: 'report',
    scopes: ['todo:read'],
    description: 'Counts the todos, and tells another service.',
  })
  async report(_input: object, call: CallContext): Promise<string> {
    const todos = await this.database.transaction(call, (transaction) =>
      transaction.selectFrom('todos').select('id').execute(),
    );
    await fetch(`${upstream.url}/reports`, { method: 'PUT' });
    return `${todos.length} todos`;
  }
}

@Module({ providers: [ReportTools] })
class ReportModule {}

describe('one trace', () => {
  let exporter: InMemorySpanExporter;
  let postgres: PostgresServer | undefined;
  let other: Server | undefined;
  let telemetry: Telemetry | undefined;
  let aerie: Aerie | undefined;
  beforeAll(async () => {
    postgres = await startPostgres();
    const { application, owner } = await postgres.createDatabase();
    const server = createServer((request, response) => {
      upstream.traceparents.push(request.headers['traceparent']);
      response.end();
    });
    other = server;
    upstream.url = `http://127.0.0.1:${await listen(server)}`;
    ({ telemetry, exporter } = inMemoryTelemetry());
    aerie = await startAerie({
      observers: telemetry.observers,
      modules: [ReportModule],
      environment: { DATABASE_URL: application, DATABASE_MIGRATION_URL: owner },
    });
  });
  afterAll(async () => {
    await aerie?.close();
    await telemetry?.stop();
    other?.closeAllConnections();
    other?.close();
    await postgres?.remove();
  });

  it.each(CLIENTS)(
    'goes from an official client through a tool to PostgreSQL and another service: %s',
    async (_name, attempt) => {
      if (!aerie) throw new Error('The server does not run.');
      const [trace, parent] = ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'];
      const authorization = `Bearer ${await aerie.token({ scope: 'todo:read' })}`;
      const headers = { authorization, traceparent: `00-${trace}-${parent}-01` };
      const client = await attempt(aerie.url, { requestInit: { headers } }).connect();
      exporter.reset();
      upstream.traceparents = [];
      /** Names of a span and of those above it, the outermost first. */
      const pathOf = (name: string): string[] => {
        const spans = exporter.getFinishedSpans();
        const path: string[] = [];
        let span = spans.find((one) => one.name === name);
        while (span) {
          expect(span.spanContext().traceId).toBe(trace);
          path.unshift(span.name);
          const above = span.parentSpanContext?.spanId;
          if (above === parent) path.unshift('client');
          span = spans.find((one) => one.spanContext().spanId === above);
        }
        return path;
      };
      try {
        expect(await client.callTool({ name: 'report', arguments: {} })).toMatchObject({
          content: [{ text: '0 todos' }],
        });
        await until(() => pathOf('handler')[0] === 'client');
      } finally {
        await client.close();
      }
      expect(pathOf('SELECT')).toEqual(['client', 'POST /mcp', 'tools/call report', 'handler', 'SELECT']);
      expect(pathOf('PUT')).toEqual(['client', 'POST /mcp', 'tools/call report', 'handler', 'PUT']);
      const outgoing = exporter
        .getFinishedSpans()
        .find(({ name }) => name === 'PUT')
        ?.spanContext().spanId;
      expect(upstream.traceparents).toEqual([`00-${trace}-${outgoing}-01`]);
    },
  );
});
