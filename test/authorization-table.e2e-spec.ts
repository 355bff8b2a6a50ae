import { readFileSync } from 'node:fs';

import { Injectable, Module } from '@nestjs/common';

import { type AccessDeclaration, McpTool, RequireScopes } from '../src/mcp/index.js';
import { type Aerie, startAerie } from './support/aerie.js';
import { ERAS, toolCall } from './support/rpc.js';

/** Declarations of the table, with the text of their first cells. */
const DECLARATIONS: readonly (readonly [written: string, declaration: AccessDeclaration])[] = [
  ["`scopes: 'authenticated'`", { scopes: 'authenticated' }],
  ["`scopes: ['a', 'b']`", { scopes: ['a', 'b'] }],
  ["`scopes: { anyOf: ['a', 'b'] }`", { scopes: { anyOf: ['a', 'b'] } }],
  ["`visibility: 'discoverable'`", { scopes: ['a'], visibility: 'discoverable' }],
  ["`visibility: 'secret'`", { scopes: ['a'], visibility: 'secret' }],
  ["`roles: ['r']`", { scopes: 'authenticated', roles: ['r'] }],
  ["`permissions: ['p']`", { scopes: 'authenticated', permissions: ['p'] }],
  ['`organization: true`', { scopes: 'authenticated', organization: true }],
];

const ON_CLASS = "`@RequireScopes('a')` on the class";

/** Starts a server with a tool of this declaration. */
async function serverWith(declaration: AccessDeclaration, onClass = false): Promise<Aerie> {
  class Declared {
    @McpTool({
      name: 'tool',
      description: 'A tool of the test.',
      annotations: { readOnlyHint: true },
      ...declaration,
    })
    run(): string {
      return 'done';
    }
  }
  if (onClass) RequireScopes('a')(Declared);
  Injectable()(Declared);
  @Module({ providers: [Declared] })
  class Tools {}
  return startAerie({ modules: [Tools] });
}

/** Scopes of the included tools, which the table omits. */
const OWN = new Set(['admin', 'org:read', 'usr:read', 'todo:read', 'todo:write']);
const othersIn = (scopes: readonly string[]): string => {
  const names = scopes.filter((scope) => !OWN.has(scope));
  return names.length === 0 ? 'nothing' : names.map((name) => `\`${name}\``).join(', ');
};
const scopeIn = (response: Response): string[] =>
  /scope="([^"]*)"/.exec(response.headers.get('www-authenticate') ?? '')?.[1]?.split(' ') ?? [];

/** Row of the table, observed from the server. */
async function observe(aerie: Aerie, send: (typeof ERAS)[number][1], written: string): Promise<string[]> {
  const claims = { scope: '', scopes: [], roles: [], permissions: [], oid: undefined };
  const token = await aerie.token({ claims });
  const listed = await (await send(aerie.url, token, { method: 'tools/list' })).text();
  const called = await send(aerie.url, token, toolCall('tool'));
  const { result, error } = (await called.clone().json()) as {
    result?: { isError?: boolean };
    error?: unknown;
  };
  const metadata = await fetch(`${aerie.origin}/.well-known/oauth-protected-resource/mcp`);
  const { scopes_supported: supported } = (await metadata.json()) as { scopes_supported: string[] };
  const first = await send(aerie.url, undefined, { method: 'tools/list' });

  const answer =
    called.status === 403
      ? `403 \`${String(error)}\``
      : error
        ? `\`${(error as { code: number }).code}\` unknown tool`
        : result?.isError
          ? 'a result that says so'
          : 'runs';
  return [
    written,
    listed.includes('"name":"tool"') ? 'shown' : 'not shown',
    answer,
    called.status === 403 ? othersIn(scopeIn(called)) : 'none',
    othersIn(supported),
    othersIn(scopeIn(first)),
  ];
}

function documentedRows(): string[][] {
  const text = readFileSync('docs/authorization.md', 'utf8');
  const section = /## Effect of each declaration\n(.*?)\n## /s.exec(text)?.[1] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe.each(ERAS)('the table in docs/authorization.md, in the era of %s', (_era, send) => {
  it('matches the behavior of the server', async () => {
    const rows: string[][] = [];
    for (const [written, declaration] of DECLARATIONS) {
      const aerie = await serverWith(declaration);
      try {
        rows.push(await observe(aerie, send, written));
      } finally {
        await aerie.close();
      }
    }
    const aerie = await serverWith({ scopes: 'authenticated' }, true);
    try {
      rows.push(await observe(aerie, send, ON_CLASS));
    } finally {
      await aerie.close();
    }
    expect(documentedRows()).toEqual(rows);
  });
});
