import type { ReadableSpan } from '@opentelemetry/sdk-trace';

import { inMemoryTelemetry } from './in-memory-telemetry.js';

const { telemetry, exporter } = inMemoryTelemetry();

/** Observers that trace and measure all servers of this test file. `npm run test:traced` adds them to every server. */
export const { observers: tracingObservers } = telemetry;

/** Attributes that spans have. None has arguments, results, queries, texts of errors or names of persons. */
const ATTRIBUTES: ReadonlySet<string> = new Set([
  'aerie.outcome',
  'aerie.resource.name',
  'client.address',
  'db.operation.name',
  'db.response.status_code',
  'db.system.name',
  'error.type',
  'gen_ai.operation.name',
  'gen_ai.prompt.name',
  'gen_ai.tool.name',
  'http.request.method',
  'http.request.method_original',
  'http.response.status_code',
  'http.route',
  'mcp.method.name',
  'mcp.protocol.version',
  'mcp.session.id',
  'network.peer.address',
  'network.peer.port',
  'network.protocol.name',
  'network.protocol.version',
  'network.transport',
  'rpc.response.status_code',
  'server.address',
  'server.port',
  'url.full', // only the origin, of outgoing requests
  'url.path',
  'url.query',
  'url.scheme',
  'user_agent.original',
]);

/**
 * Checks that a span has nothing but known attributes.
 *
 * @throws {Error} with what it has in addition
 */
function refusePersonal({ name, attributes, status, events }: ReadableSpan): void {
  const further = Object.keys(attributes).filter((key) => !ATTRIBUTES.has(key));
  const texts = ['url.path', 'url.query'].filter((key) => (attributes[key] ?? '') !== '');
  if (status.message !== undefined) texts.push('a status with a text');
  if (events.length > 0) texts.push('an event');
  if (further.length + texts.length === 0) return;
  throw new Error(`The span ${name} has ${[...further, ...texts].join(', ')}.`);
}

/**
 * Returns the text of all new spans, and of all metrics.
 *
 * @throws {Error} when a span has anything that may be personal
 */
export async function takeTelemetry(): Promise<string> {
  const finished = exporter.getFinishedSpans();
  exporter.reset();
  finished.forEach(refusePersonal);
  const spans = finished.map(({ name, attributes, links }) => ({ name, attributes, links }));
  return `${JSON.stringify(spans)}\n${await telemetry.metricsText()}`;
}
