import { createHash } from 'node:crypto';

import type { Configuration } from '../config/configuration.js';
import { loadConfiguration } from '../config/load-configuration.js';
import { CLIENT_GROUPS, plainName } from './clients/index.js';
import { PAGE_HASHES, renderPage } from './page.js';
import { pageHeaders } from './page-policy.js';

const configure = (variables: Record<string, string>): Configuration =>
  loadConfiguration({ NODE_ENV: 'test', ...variables });

function render(configuration: Configuration): string {
  return renderPage({ configuration, url: configuration.resource.url, signInScopes: [] }).text;
}

const policyOf = (configuration: Configuration): string =>
  pageHeaders({
    ...PAGE_HASHES,
    authorizationServer: configuration.resource.metadata.authorization_servers?.[0],
    icons: configuration.server.icons,
  })['Content-Security-Policy'] ?? '';

describe('the connect page', () => {
  it('names the server as it is configured', () => {
    const page = render(
      configure({
        SERVER_TITLE: 'Acme',
        SERVER_DESCRIPTION: 'Orders of Acme.',
        SERVER_WEBSITE: 'https://acme.example/about',
        SERVER_ICONS: 'https://acme.example/icon.png',
      }),
    );
    for (const text of [
      '<h1>Connect to Acme</h1>',
      'Orders of Acme.',
      'acme.example</a>',
      '<img src="https://acme.example/icon.png"',
    ]) {
      expect(page).toContain(text);
    }
  });

  it('escapes every configured value', () => {
    const evil = `"'><script>alert(1)</script>`;
    const page = render(
      configure({
        SERVER_NAME: evil,
        SERVER_TITLE: evil,
        SERVER_DESCRIPTION: evil,
        SERVER_ICONS: `data:image/svg+xml,${evil}`,
        CONNECT_CLIENT_ID: evil,
      }),
    );
    expect(page).not.toContain('<script>alert');
    expect([...page.matchAll(/<script\b/g)]).toHaveLength(1);
  });

  it('has one style and one script, which its policy allows by their hashes', () => {
    const page = render(configure({}));
    const hashOf = (pattern: RegExp): string =>
      `'sha256-${createHash('sha256')
        .update(pattern.exec(page)?.[1] ?? '')
        .digest('base64')}'`;
    expect(PAGE_HASHES.styleHash).toBe(hashOf(/<style>(.*?)<\/style>/s));
    expect(PAGE_HASHES.scriptHash).toBe(hashOf(/<script type="module">(.*?)<\/script>/s));
    expect(page).not.toMatch(/\son\w+=|\sstyle=/);
  });

  it('loads nothing from elsewhere', () => {
    expect(render(configure({}))).not.toMatch(/<(?:link|img|script|iframe)[^>]*(?:src|href)="(?!data:)/);
    expect(policyOf(configure({ DEV_ISSUER_PORT: '3999' }))).toMatch(
      /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self' http:\/\/localhost:3999; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/,
    );
  });

  it('lets an icon neither add hosts nor end its directive', () => {
    const policy = policyOf(configure({ SERVER_ICONS: 'https://acme.example/a;script-src *,b.png?q=1' }));
    expect(policy).toContain('img-src data: https://acme.example/a%3Bscript-src%20*%2Cb.png;');
  });

  it('offers no sign-in if there is none, or if the page may not call the endpoint', () => {
    const ownKeys = configure({
      AUTH_MODE: 'jwt',
      RESOURCE_URL: 'http://localhost:3002/mcp',
      JWT_ISSUER: 'https://issuer.example',
      JWT_JWKS_URI: 'https://issuer.example/keys',
    });
    expect(render(ownKeys)).toContain('no sign-in for people');
    expect(render(configure({ ALLOWED_ORIGINS: 'https://app.example' }))).not.toContain('id="sign-in"');
  });

  it('says which clients cannot reach an address without https', () => {
    const needsHttps = /needs https/g;
    const https = configure({
      RESOURCE_URL: 'https://mcp.acme.example/mcp',
      SK_ENV_URL: 'https://acme.scalekit.example',
      MCP_SERVER_ID: 'res_1',
    });
    expect(render(configure({})).match(needsHttps)).toHaveLength(3);
    expect(render(https).match(needsHttps)).toBeNull();
  });
});

describe('the setup of clients', () => {
  const clients = CLIENT_GROUPS.flatMap(({ clients: all }) => all);
  const server = { name: 'acme', title: 'Acme & Söhne', url: "https://mcp.acme.example/mcp?a='b" };

  it.each(clients.map((client) => [client.id, client] as const))('names its source: %s', (_id, client) => {
    expect(client.source).toMatch(/^https:\/\//);
    expect(client.checked).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(client.steps.some(({ copy }) => copy) || client.link).toBeTruthy();
  });

  it('links to applications with valid URLs', () => {
    const links = clients.flatMap(({ id, link }) => (link ? [[id, new URL(link(server))] as const] : []));
    const { vscode, cursor, goose } = Object.fromEntries(links);
    expect(JSON.parse(decodeURIComponent(vscode?.search.slice(1) ?? ''))).toEqual({
      name: 'acme',
      type: 'http',
      url: server.url,
    });
    expect(JSON.parse(atob(cursor?.searchParams.get('config') ?? ''))).toEqual({ url: server.url });
    expect(Object.fromEntries(goose?.searchParams ?? [])).toMatchObject({
      type: 'streamable_http',
      url: server.url,
      name: server.title,
    });
  });

  it.each([
    ['acme-tools', 'acme-tools'],
    ['Acme Tools!', 'acme-tools'],
    ['$(rm -rf)', 'rm-rf'],
    ['--', 'mcp-server'],
    ['日本', 'mcp-server'],
  ])('turns the name %s into %s', (name, plain) => {
    expect(plainName(name)).toBe(plain);
  });
});
