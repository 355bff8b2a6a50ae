import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { type Block, blocksOf, PAGES } from '../scripts/documentation/blocks.js';
import { COMMANDS } from '../src/cli/commands.js';
import { DECLARATIONS } from '../src/config/environment.js';
import { loadConfiguration } from '../src/config/load-configuration.js';
import { parseToolPolicy } from '../src/config/tool-policy-document.js';
import { isRecord } from '../src/values/is-record.js';
import { hasScript, problemOf } from './support/documentation/command-check.js';
import { commandsOf } from './support/documentation/shell.js';

const BLOCKS = PAGES.flatMap((page) => blocksOf(page));
const inLanguage = (language: string): Block[] => BLOCKS.filter((block) => block.language === language);
const placeOf = ({ page, line }: Block): string => `${page}:${line}`;

const placed = (language: string): [string, Block][] =>
  inLanguage(language).map((block) => [placeOf(block), block]);

/** Languages of blocks, and what checks each. */
const CHECKED = {
  ts: 'npm run typecheck',
  sh: 'here',
  json: 'here',
  yaml: 'here',
  text: 'here',
  http: 'here',
  redis: 'here',
  sql: 'test/database-server.e2e-spec.ts, test/rows-of-all-organizations.e2e-spec.ts',
  promql: 'here',
  md: 'nothing: it shows the comment above',
};

describe('the code blocks of the documentation', () => {
  it('are in languages that a test reads', () => {
    expect(BLOCKS.filter(({ language }) => !(language in CHECKED)).map(placeOf)).toEqual([]);
  });
});

describe('shell commands', () => {
  const commands = inLanguage('sh').flatMap((block) =>
    commandsOf(block.code).map((command) => ({ command, place: placeOf(block) })),
  );

  it('name programs, scripts, commands, options, services and files that exist', async () => {
    const problems: string[] = [];
    for (const { command, place } of commands) {
      const problem = await problemOf(command);
      if (problem !== undefined) problems.push(`${place}: ${problem}`);
    }
    expect(problems).toEqual([]);
  });

  it('set declared variables to valid values', () => {
    const compose = readFileSync('docker-compose.yml', 'utf8');
    const problems = commands.flatMap(({ command: { variables }, place }) =>
      Object.entries(variables).flatMap(([name, value]) => {
        const declared = Object.entries(DECLARATIONS).find(([other]) => other === name);
        if (declared) {
          if (/[…$]/.test(value)) return [];
          const { error } = declared[1].safeParse(value);
          return error ? [`${place}: ${name}: ${error.message}`] : [];
        }
        const isKnown =
          name.replace(/_FILE$/, '') in DECLARATIONS ||
          compose.includes(`\${${name}`) ||
          ['IMAGE', 'NODE_EXTRA_CA_CERTS', 'TOKEN', 'VERSION'].includes(name) ||
          name === name.toLowerCase();
        return isKnown ? [] : [`${place}: ${name} is not declared`];
      }),
    );
    expect(problems).toEqual([]);
  });

  it('are valid for a shell', () => {
    const script = inLanguage('sh')
      .map(({ code }, index) => `block_${index}() {\n${code.replaceAll(/<[\w -]+>/g, 'placeholder')}\n}`)
      .join('\n');
    expect(spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' }).stderr).toBe('');
  });
});

describe('commands in sentences', () => {
  it.each(PAGES)('of %s name scripts and commands that exist', (page) => {
    const text = readFileSync(page, 'utf8');
    const aerie = [...text.matchAll(/`(?:npm run aerie --|npx aerie-mcp|node dist\/cli\/main\.js) (\w+)/g)];
    const scripts = [...text.matchAll(/`npm run (?:--silent )?([\w:-]+)/g)];
    const names = COMMANDS.map(({ name }) => name);
    expect(aerie.map(([, name]) => name).filter((name) => !names.includes(name ?? ''))).toEqual([]);
    expect(scripts.map(([, name]) => name).filter((name) => !hasScript(name ?? ''))).toEqual([]);
  });
});

describe('JSON', () => {
  const rpc = z.union([
    z.object({ method: z.string(), params: z.looseObject({}) }),
    z.object({ jsonrpc: z.literal('2.0'), id: z.number(), result: z.looseObject({}) }),
  ]);
  const parameters = z.object({ Parameters: z.record(z.string(), z.string()) });
  const line = z.looseObject({
    level: z.literal(30),
    time: z.iso.datetime(),
    requestId: z.uuid(),
    msg: z.enum(['call', 'request']),
  });
  const stack = readFileSync('deploy/ecs/aerie.yaml', 'utf8');

  const problemsOf = ({ page, code }: Block): string[] => {
    const value: unknown = JSON.parse(code);
    const problems: string[] = [];
    if (page === 'docs/tenants.md') parseToolPolicy(code, problems);
    if (page === 'docs/ecs.md') {
      const names = Object.keys(parameters.parse(value).Parameters);
      problems.push(...names.filter((name) => !stack.includes(`\n  ${name}:\n`)));
    }
    if (/"(?:jsonrpc|method)":/.test(code)) {
      const schema = page === 'docs/logs.md' ? line : rpc;
      problems.push(...(schema.safeParse(value).error?.issues ?? []).map(({ message }) => message));
    }
    return problems;
  };

  it.each(placed('json'))('of %s is valid', (_at, block) => {
    expect(problemsOf(block)).toEqual([]);
  });
});

describe('YAML', () => {
  const services = z.object({ services: z.record(z.string(), z.looseObject({})) });
  const read = (text: string): unknown => parse(text, { merge: true });
  const own = services.parse(read(readFileSync('docker-compose.yml', 'utf8')));
  const chart = z.looseObject({}).parse(read(readFileSync('deploy/helm/aerie/values.yaml', 'utf8')));
  const rules = z.object({ rules: z.array(z.looseObject({ seriesQuery: z.string() })) });

  /** Returns the keys that the values of the chart have no default for. Maps without defaults have keys of their own. */
  const unknownKeys = (given: unknown, known: unknown): string[] => {
    if (!isRecord(given) || !isRecord(known) || Object.keys(known).length === 0) return [];
    return Object.entries(given).flatMap(([key, value]) =>
      key in known ? unknownKeys(value, known[key]).map((other) => `${key}.${other}`) : [key],
    );
  };
  const problemsOf = ({ code }: Block): string[] => {
    const value = read(code);
    const composed = services.safeParse(value).data;
    if (composed) return Object.keys(composed.services).filter((name) => !(name in own.services));
    return rules.safeParse(value).success ? [] : unknownKeys(value, { ...chart, config: DECLARATIONS });
  };

  it.each(placed('yaml'))('of %s is valid', (_at, block) => {
    expect(problemsOf(block)).toEqual([]);
  });
});

/** Environments whose problems the pages show, by the first variable that they name. */
const PROBLEMS: Readonly<Record<string, NodeJS.ProcessEnv>> = {
  EXPECTED_AUDIENCE: {
    SK_ENV_URL: 'https://acme.scalekit.com',
    MCP_SERVER_ID: 'res_123',
    RESOURCE_URL: 'https://mcp.example.com/mcp',
    EXPECTED_AUDIENCE: 'https://mcp.example.com/mcp/',
  },
  PROTECTED_RESOURCE_METADATA: { SK_ENV_URL: 'https://acme.scalekit.com' },
  SK_ENV_URL: { NODE_ENV: 'production', RESOURCE_URL: 'http://localhost:3002/mcp' },
};
const problemsIn = ({ code }: Block): NodeJS.ProcessEnv | undefined =>
  PROBLEMS[/^  (\w+): /m.exec(code)?.[1] ?? ''];

describe('configuration problems', () => {
  const shown = inLanguage('text').flatMap((block) => {
    const variables = problemsIn(block);
    return variables ? [[placeOf(block), block.code, variables] as const] : [];
  });

  it.each(shown)('at %s are those of the server', (_at, code, variables) => {
    expect(() => loadConfiguration(variables)).toThrow(code);
  });

  it('are all shown', () => {
    expect(shown).toHaveLength(Object.keys(PROBLEMS).length);
  });
});

describe('output', () => {
  const outputs = ['text', 'http'].flatMap(inLanguage).filter((block) => !problemsIn(block));
  const sources = ['src', 'test/conformance', 'deploy'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(?:ts|conf|sh)$|passwords$/.test(name))
      .map((name) => readFileSync(join(folder, name), 'utf8')),
  );

  it.each(outputs.map((block) => [placeOf(block), block] as const))(
    'of %s consists of phrases of the sources',
    (_at, { page, code }) => {
      const ofPage = blocksOf(page).filter(({ language }) => language === 'ts');
      const phrases = code
        .split(/https?:\S+|\d+ problems?|\d+|"[^"]*"|[…→()]|[:.,;](?:\s|$)|\n/)
        .map((part) => part.trim());
      const unknown = phrases.filter(
        (phrase) =>
          /\w+ \w+ \w+/.test(phrase) &&
          ![...sources, ...ofPage.map((block) => block.code)].some((source) => source.includes(phrase)),
      );
      expect(unknown).toEqual([]);
    },
  );
});

describe('commands of Redis', () => {
  it('give the permissions with which the tests run', () => {
    const tested = readFileSync('test/redis-topologies.e2e-spec.ts', 'utf8');
    const permissions = inLanguage('redis').map(({ code }) =>
      code.replace(/^ACL SETUSER aerie on >password /, ''),
    );
    expect(permissions).not.toEqual([]);
    expect(permissions.filter((words) => !tested.includes(`'${words}'`))).toEqual([]);
  });
});

describe('queries for Prometheus', () => {
  it('use metrics of the dashboards', () => {
    const dashboards = readdirSync('deploy/observability/grafana/dashboards')
      .map((name) => readFileSync(join('deploy/observability/grafana/dashboards', name), 'utf8'))
      .join('\n');
    const metrics = inLanguage('promql').flatMap(({ code }) => code.match(/\w+_duration/g) ?? []);
    expect(metrics).not.toEqual([]);
    expect(metrics.filter((name) => !dashboards.includes(name))).toEqual([]);
  });
});
