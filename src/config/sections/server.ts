import { z } from 'zod';

import { httpUrl } from '../../values/http-url.js';
import { onOff, parsedBy, text } from '../formats.js';
import { parseIcons } from '../icons.js';
import { section, variable } from '../variable.js';

export const server = section(
  'Description of the server',
  {
    SERVER_NAME: variable({
      schema: text,
      default: 'aerie',
      description:
        'machine-readable name that clients show; a reverse-DNS name such as `com.acme/tools` also names it in [registries](discovery.md#the-mcp-registry)',
      remedy: 'Use a machine-readable name, such as acme-mcp.',
      example: 'acme-tools',
    }),
    SERVER_TITLE: variable({
      schema: text,
      otherwise: '`Aerie`, unless `SERVER_NAME` is set',
      description: 'display name',
      remedy: 'Use a display name.',
      example: 'Acme',
    }),
    SERVER_DESCRIPTION: variable({
      schema: z.string().trim().min(1).max(100),
      otherwise: 'a sentence with the display name',
      description: 'what the tools do, in at most 100 characters, for people who look for a server',
      remedy: 'Use at most 100 characters.',
      example: 'Orders, invoices and refunds of Acme.',
    }),
    SERVER_VERSION: variable({
      schema: text,
      otherwise: "the package's version",
      description: 'version that clients show',
      remedy: 'Use a version, such as 1.0.0.',
      example: '1.0.0',
    }),
    SERVER_WEBSITE: variable({
      schema: httpUrl,
      description: 'website that clients show',
      remedy: 'Use a URL.',
      example: 'https://acme.example.com',
    }),
    SERVER_ICONS: variable({
      schema: parsedBy(parseIcons),
      description: 'the URL of an image (https or data), or a JSON list of icons',
      remedy:
        'Use the URL of an image, or a JSON list such as [{"src":"https://example.com/icon.png","sizes":["48x48"]}]',
      example: 'https://acme.example.com/icon.png',
    }),
    SERVER_INSTRUCTIONS: variable({
      schema: text,
      description: 'instructions for models: the purpose of the server and how to use it',
      remedy: 'Use instructions for models.',
      example: 'Look an order up before you change it.',
    }),
    SERVER_CARD: variable({
      schema: onOff,
      default: 'on',
      description:
        'whether [`<endpoint>/server-card`](discovery.md#the-server-card) describes the server to everybody',
      remedy: 'Use "on" or "off".',
    }),
    CONNECT_PAGE: variable({
      schema: onOff,
      default: 'on',
      description: 'whether browsers that open the endpoint get the [connect page](connect-page.md)',
      remedy: 'Use "on" or "off", or leave it unset.',
      example: 'off',
    }),
    CONNECT_CLIENT_ID: variable({
      schema: text,
      otherwise: 'the page registers itself',
      description:
        'client with which the [connect page](connect-page.md#signing-in) signs in, if browsers cannot register with the authorization server',
      remedy: 'Use the id of a public client of the authorization server.',
      example: 'connect-page',
    }),
  },
  (values) =>
    ({
      /** Self-description of the server. */
      server: {
        /** Machine-readable name. */
        name: values.SERVER_NAME,
        /** Display name. */
        title: values.SERVER_TITLE ?? (values.SERVER_NAME === 'aerie' ? 'Aerie' : undefined),
        /** One sentence for people. */
        description: values.SERVER_DESCRIPTION,
        /** Server version; undefined to use the package version. */
        version: values.SERVER_VERSION,
        websiteUrl: values.SERVER_WEBSITE,
        icons: values.SERVER_ICONS,
        /** Instructions for models: the purpose of the server and how to use it. */
        instructions: values.SERVER_INSTRUCTIONS,
        /** Whether the server describes itself without a token. */
        card: values.SERVER_CARD,
      },
      /** Page for browsers that open the endpoint; undefined if it is off. */
      connectPage:
        values.CONNECT_PAGE === 'on'
          ? {
              /** Registered public client of the page; undefined if the page registers itself. */
              clientId: values.CONNECT_CLIENT_ID,
            }
          : undefined,
    }) as const,
);
