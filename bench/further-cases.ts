import { z } from 'zod';

import { AERIE, type Case, TOOLS } from './cases.js';
import { aerie, type Contestant, floor, observed, production, withFurtherOffers } from './contestant.js';
import type { BenchDatabase } from './database.js';
import {
  type Answer,
  callOf,
  ERAS,
  type Era,
  type Exchange,
  initialize,
  type Operation,
  withProgress,
} from './exchange.js';
import type { Issuer } from './issuer.js';
import { built } from './paths.js';
import type { BenchRedis } from './redis.js';

/** Server of the floor for calls that query the database. */
export const TODO_FLOOR = 'NestJS/Express with pg';
export const TODOS = 'list of 20 todos from PostgreSQL';
export const OPEN_SESSION = 'tools/call in an open session';

const LEGACY: readonly Era[] = ['2025-11-25'];
const MODERN: readonly Era[] = ['2026-07-28'];
const usualCall = callOf(`tool_${TOOLS}`);

/** Measured operation, with the settings of its server and the eras that have it. */
type Row = readonly [
  operation: string,
  eras: readonly Era[],
  asked: Operation,
  settings?: NodeJS.ProcessEnv | undefined,
];

const ROWS: readonly Row[] = [
  [
    'resources/read',
    ERAS,
    { method: 'resources/read', params: { uri: 'bench://greeting' }, expected: 'Hi Ada' },
  ],
  ['prompts/get', ERAS, { ...callOf('greeting'), method: 'prompts/get' }],
  ['tools/call, tool of a controller', ERAS, callOf('controller')],
  ['tools/call, imported operation of an API', ERAS, callOf('imported')],
  ['tools/call, result of 100 kB', ERAS, callOf('large')],
  ['tools/call, 10 notifications of progress', ERAS, withProgress(callOf('progress'))],
  ['batch of 10 calls (2025-03-26)', LEGACY, { ...usualCall, batch: 10 }],
  ['tools/call with a question, both rounds', MODERN, asking()],
  [OPEN_SESSION, LEGACY, usualCall, { MCP_SESSIONS: 'on' }],
  [
    'open and close a session',
    LEGACY,
    { ...initialize('2025-11-25'), follow: closing },
    { MCP_SESSIONS: 'on' },
  ],
];

/** Operations of Aerie beyond calls and lists. An operation with two requests counts once. */
export function furtherCases(issuer: Issuer): Case[] {
  const events: Case = {
    server: AERIE,
    era: '2025-11-25',
    operation: 'tools/call by HTTP+SSE (2024-11-05)',
    contestant: observed(issuer, TOOLS, 'HTTP+SSE', { MCP_SSE: 'on' }),
    asked: usualCall,
    usesEvents: true,
  };
  const rows = ROWS.flatMap(([operation, eras, asked, settings]) =>
    eras.map((era): Case => {
      const contestant = settings ? observed(issuer, TOOLS, operation, settings) : aerie(issuer, TOOLS);
      return { server: AERIE, era, operation, contestant: withFurtherOffers(contestant), asked };
    }),
  );
  return [...rows, events];
}

/** Calls of the unmodified application with two processes on all cores, which it shares with the load. Reported only. */
export function twoWorkers(issuer: Issuer, redis: BenchRedis): Case[] {
  const contestant: Contestant = {
    name: 'two workers',
    command: [process.execPath, '--enable-source-maps', built('src/main.js')],
    directory: built('.'),
    path: '/mcp',
    environment: { ...production(issuer), WORKERS: '2', REDIS_URL: redis.url },
    isMetered: false,
    isUnpinned: true,
  };
  const operation = 'tools/call, WORKERS=2';
  return ERAS.map((era) => ({
    server: AERIE,
    era,
    operation,
    contestant,
    asked: callOf('greet', 'Hello, Ada!'),
  }));
}

/**
 * Idle pools have closed their connections. PostgreSQL needs this long until new ones are as fast as the old ones were,
 * in seconds.
 */
const DATABASE_LEAD_IN = 3;

/** Lists of todos by Aerie, and the same query in a plain controller. */
export function todoCases(issuer: Issuer, database: BenchDatabase): Case[] {
  const asked: Operation = {
    ...callOf('list_todos', 'Todo 20'),
    params: { name: 'list_todos', arguments: {} },
  };
  const { environment } = database;
  const contestants: readonly [string, Contestant][] = [
    [AERIE, observed(issuer, TOOLS, 'PostgreSQL', { ...environment, DEMO_TOOLS: 'on' })],
    [
      TODO_FLOOR,
      {
        ...floor(issuer, 'nest-todos', TOOLS),
        environment: { ...floor(issuer, '', 0).environment, DATABASE_URL: database.floorUrl },
      },
    ],
  ];
  return ERAS.flatMap((era) =>
    contestants.map(([server, contestant]) => ({
      server,
      era,
      operation: TODOS,
      contestant,
      asked,
      leadIn: DATABASE_LEAD_IN,
    })),
  );
}

const question = z.object({
  result: z.object({ inputRequests: z.record(z.string(), z.unknown()), requestState: z.string() }),
});
const repeated = z.looseObject({ params: z.looseObject({}) });

/** Call whose question the client answers in a second round. */
function asking(): Operation {
  const call = callOf('ask');
  const capabilities = { 'io.modelcontextprotocol/clientCapabilities': { elicitation: { form: {} } } };
  return {
    ...call,
    params: { ...call.params, _meta: capabilities },
    expected: '"input_required"',
    follow: (first, { body }) => {
      const { result } = question.parse(JSON.parse(body));
      const request = repeated.parse(JSON.parse(first.body));
      const inputResponses = Object.fromEntries(
        Object.keys(result.inputRequests).map((key) => [key, { action: 'accept', content: { sure: true } }]),
      );
      const params = { ...request.params, inputResponses, requestState: result.requestState };
      return { ...first, body: JSON.stringify({ ...request, params }), expected: call.expected };
    },
  };
}

function closing({ headers }: Exchange, answer: Answer): Exchange {
  const session = answer.headers.get('mcp-session-id') ?? '';
  return { method: 'DELETE', headers: { ...headers, 'mcp-session-id': session }, body: '', expected: '' };
}
