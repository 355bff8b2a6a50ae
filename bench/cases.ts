import { resolve } from 'node:path';

import { aerie, type Contestant, floor, observed, withFurtherOffers } from './contestant.js';
import { callOf, echoOf, ERAS, type Era, listOf, type Operation } from './exchange.js';
import type { Issuer } from './issuer.js';
import type { BenchRedis } from './redis.js';

/** Measured combination of server, era and operation. */
export interface Case {
  /** Name of the server in the results. */
  readonly server: string;
  readonly era: Era;
  /** Name of the operation in the results. */
  readonly operation: string;
  readonly contestant: Contestant;
  readonly asked: Operation;
  /** Whether the messages go by HTTP+SSE (2024-11-05). */
  readonly usesEvents?: boolean;
  /** Time in seconds for the load before each measurement. Default: `LEAD_IN`. */
  readonly leadIn?: number;
}

export const TOOLS = 50;
export const FEW = 10;
export const MANY = 1_000;

/** Server and operation that all others are compared with. */
export const FLOOR = { server: 'NestJS/Express echo', operation: 'tools/call' };
export const AERIE = 'aerie';
/** Name of the version that `--against` selects. */
export const OTHER = 'aerie, other version';

export const CALL = 'tools/call';
export const LIST = 'tools/list';
export const SCOPED_CALL = 'tools/call, request-scoped tool';

export const callWith = (tools: number): string => `tools/call, ${tools} tools`;

/** Cases of every server with tools: a call and a list in each era. */
export const everyOperation = (server: string, contestant: Contestant, eras: readonly Era[]): Case[] =>
  eras.flatMap((era) => [
    { server, era, operation: CALL, contestant, asked: callOf(`tool_${TOOLS}`) },
    { server, era, operation: LIST, contestant, asked: listOf(TOOLS) },
  ]);

const everyEra = (rest: Omit<Case, 'era'>): Case[] => ERAS.map((era) => ({ ...rest, era }));

const scopedCalls = (server: string, contestant: Contestant): Case[] =>
  everyEra({
    server,
    operation: SCOPED_CALL,
    contestant: withFurtherOffers(contestant),
    asked: callOf('request_scoped', 'Hi Ada, customer usr_1'),
  });

const echo = (server: string, contestant: Contestant): Case[] =>
  everyEra({ server, operation: CALL, contestant, asked: echoOf(callOf(`tool_${TOOLS}`)) });

/** Calls and lists of another version of Aerie. */
export function otherVersion(issuer: Issuer, checkout: string): Case[] {
  const contestant = aerie(issuer, TOOLS, resolve(checkout));
  return [...everyOperation(OTHER, contestant, ERAS), ...scopedCalls(OTHER, contestant)];
}

/** Ways to observe calls, with the least share of the throughput that must remain. */
export const OBSERVATIONS = {
  metrics: 0.92,
  'traces 1 %': 0.85,
  'traces 100 %': 0.5,
  'audit to a file': 0.93,
} as const;
type ObservationName = keyof typeof OBSERVATIONS;

export const callObservedBy = (name: string): string => `tools/call, ${name}`;

/** Calls of Aerie with metrics, traces or an audit trail. */
function observedCases(issuer: Issuer): Case[] {
  const collector = {
    OTEL_EXPORTER_OTLP_ENDPOINT: issuer.url,
    OTEL_TRACES_SAMPLER: 'traceidratio',
    // The rows of traces measure spans alone. Metrics have a row of their own.
    OTEL_METRICS_EXPORTER: 'none',
  };
  const settings: Readonly<Record<ObservationName, NodeJS.ProcessEnv>> = {
    metrics: { METRICS_PORT: '29464' },
    'traces 1 %': { ...collector, OTEL_TRACES_SAMPLER_ARG: '0.01' },
    'traces 100 %': { ...collector, OTEL_TRACES_SAMPLER_ARG: '1' },
    'audit to a file': { AUDIT: 'file' },
  };
  return Object.entries(settings).flatMap(([name, environment]) =>
    everyEra({
      server: AERIE,
      operation: callObservedBy(name),
      contestant: observed(issuer, TOOLS, name, environment),
      asked: callOf(`tool_${TOOLS}`),
    }),
  );
}

/**
 * Ways to run Aerie with Redis and an audit trail on standard output, with the least share of the throughput in memory
 * that must remain.
 */
export const DEPLOYMENTS = {
  deployed: 0.9,
  'deployed, default limits': 0.75,
  'deployed, exact limits': 0.6,
} as const;

/** Calls of Aerie as a company deploys it: limits and revocations in Redis, audit to standard output. */
export function deployedCases(issuer: Issuer, redis: BenchRedis): Case[] {
  const settings: Readonly<Record<keyof typeof DEPLOYMENTS, NodeJS.ProcessEnv>> = {
    deployed: {},
    // They are too small to lease, so the caller is counted in Redis call by call, in one round trip.
    'deployed, default limits': { RATE_LIMIT_EXACT: 'on', RATE_LIMIT_TOOL: 'off' },
    'deployed, exact limits': { RATE_LIMIT_EXACT: 'on' },
  };
  return Object.entries(settings).flatMap(([name, environment]) =>
    everyEra({
      server: AERIE,
      operation: callObservedBy(name),
      contestant: {
        ...observed(issuer, TOOLS, name, { REDIS_URL: redis.url, AUDIT: 'stdout', ...environment }),
        redis,
      },
      asked: callOf(`tool_${TOOLS}`),
    }),
  );
}

/** Cases of Aerie and of the floors. */
export function ownCases(issuer: Issuer): Case[] {
  const usual = aerie(issuer, TOOLS);
  const ofSize = (tools: number): Case[] =>
    everyEra({
      server: AERIE,
      operation: callWith(tools),
      contestant: aerie(issuer, tools),
      asked: callOf(`tool_${tools}`),
    });
  return [
    ...echo('node:http echo', floor(issuer, 'node-http', TOOLS)),
    ...echo(FLOOR.server, floor(issuer, 'nest-echo', TOOLS)),
    ...everyOperation('SDK Server on Express', floor(issuer, 'sdk-express', TOOLS), ERAS),
    ...everyOperation(AERIE, usual, ERAS),
    ...scopedCalls(AERIE, usual),
    ...ofSize(FEW),
    ...ofSize(MANY),
    ...observedCases(issuer),
  ];
}
