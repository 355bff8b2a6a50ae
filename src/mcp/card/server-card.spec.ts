import { z } from 'zod';

import { loadConfiguration } from '../../config/load-configuration.js';
import { serverCardOf, type ServerCard } from './server-card.js';

/** The constraints of the schema of SEP-2127, without its optional members that a card of Aerie never has. */
const card = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/v1/server-card.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  version: z.string().max(255),
  description: z.string().min(1).max(100),
  title: z.string().min(1).max(100).optional(),
  websiteUrl: z.url().optional(),
  icons: z
    .array(
      z.object({
        src: z.url(),
        mimeType: z.string().optional(),
        sizes: z.array(z.string()).optional(),
        theme: z.enum(['light', 'dark']).optional(),
      }),
    )
    .optional(),
  remotes: z.array(
    z.strictObject({
      type: z.enum(['streamable-http', 'sse']),
      url: z.string().regex(/^https?:\/\/\S+$/),
      supportedProtocolVersions: z.array(z.iso.date()),
    }),
  ),
});

const cardFor = (variables: NodeJS.ProcessEnv): ServerCard => {
  const found = serverCardOf(loadConfiguration({ NODE_ENV: 'test', AUTH_MODE: 'dev', ...variables }));
  expect(card.parse(found)).toEqual(found);
  return found;
};

describe('serverCardOf', () => {
  it('describes the configured server', () => {
    const found = cardFor({
      RESOURCE_URL: 'http://mcp.example.com/mcp',
      SERVER_NAME: 'orders',
      SERVER_TITLE: 'Acme orders',
      SERVER_DESCRIPTION: 'Orders and invoices of Acme.',
      SERVER_VERSION: '4.2.0',
      SERVER_WEBSITE: 'https://acme.example.com',
      SERVER_ICONS: 'https://acme.example.com/icon.png',
      MCP_SESSIONS: 'on',
      MCP_SSE: 'on',
    });
    expect(found).toEqual({
      $schema: expect.any(String),
      name: 'com.example.mcp/orders',
      version: '4.2.0',
      description: 'Orders and invoices of Acme.',
      title: 'Acme orders',
      websiteUrl: 'https://acme.example.com',
      icons: [{ src: 'https://acme.example.com/icon.png' }],
      remotes: [
        {
          type: 'streamable-http',
          url: 'http://mcp.example.com/mcp',
          supportedProtocolVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26'],
        },
        { type: 'sse', url: 'http://mcp.example.com/mcp/sse', supportedProtocolVersions: ['2024-11-05'] },
      ],
    });
  });

  it('is complete without any variable', () => {
    expect(cardFor({})).toMatchObject({
      name: 'localhost/aerie',
      title: 'Aerie',
      description: 'The tools of Aerie for AI clients.',
    });
  });

  it.each([
    ['com.acme/orders', 'https://mcp.example.com/mcp', 'com.acme/orders'],
    ['Acme’s orders!', 'https://mcp.example.com/mcp', 'com.example.mcp/Acme-s-orders'],
    ['…', 'https://mcp.example.com/mcp', 'com.example.mcp/mcp'],
    ['orders', 'http://127.0.0.1:3002/mcp', '127.0.0.1/orders'],
    ['orders', 'http://[::1]:3002/mcp', '---1-/orders'],
  ])('names the server %s at %s %s', (SERVER_NAME, RESOURCE_URL, name) => {
    expect(cardFor({ SERVER_NAME, RESOURCE_URL }).name).toBe(name);
  });

  it('cuts no character in half, which strict parsers of JSON refuse', () => {
    expect(cardFor({ SERVER_TITLE: `x${'🎉'.repeat(60)}` }).title).toBe(`x${'🎉'.repeat(49)}…`);
    expect(cardFor({ SERVER_TITLE: '🎉'.repeat(60) }).title).toBe(`${'🎉'.repeat(49)}…`);
  });

  it('cuts what is longer than a card may have', () => {
    expect(cardFor({ SERVER_NAME: `com.acme/${'x'.repeat(300)}` }).name).toMatch(
      /^localhost\/com\.acme-x{91}$/,
    );
    const long = 'x'.repeat(300);
    expect(cardFor({ SERVER_NAME: long, SERVER_TITLE: long, SERVER_VERSION: long })).toMatchObject({
      title: `${'x'.repeat(99)}…`,
      version: `${'x'.repeat(254)}…`,
      description: expect.stringMatching(/^The tools of x+…$/),
    });
  });
});
