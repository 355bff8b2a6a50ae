import type { Configuration } from '../config/configuration.js';
import { BASE_STYLE } from '../pages/base-style.js';
import { cspHash } from '../pages/csp-hash.js';
import { html, Html, nothing } from '../pages/html.js';
import { isAllowedOrigin } from '../mcp/admission/edge-rules.js';
import { BROWSER_SCRIPT } from './browser-script.js';
import { below, CLIENT_DOCUMENT, clientDocument, connectClientName } from './client-document.js';
import type { ServerAddress } from './clients/client-setup.js';
import { plainName } from './clients/index.js';
import { addressBox, clientGroups } from './client-markup.js';
import { CONNECT_STYLE } from './connect-style.js';
import { CALLER_PATH } from './caller-path.js';
import type { PageSettings } from './page-settings.js';

const STYLE = BASE_STYLE + CONNECT_STYLE;

/** Hashes of the inline script and style, which are the same for every server. */
export const PAGE_HASHES = { scriptHash: cspHash(BROWSER_SCRIPT), styleHash: cspHash(STYLE) };

/** Content of the page. */
export interface PageRequest {
  readonly configuration: Configuration;
  /** URL of the endpoint, as the browser asked for it. */
  readonly url: string;
  readonly signInScopes: readonly string[];
}

/** Renders the page that explains how to connect to the server. It names no tool. */
export function renderPage(request: PageRequest): Html {
  const { configuration, url } = request;
  const { server } = configuration;
  const address: ServerAddress = { name: plainName(server.name), title: server.title ?? server.name, url };
  const settings = settingsOf(request);
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="robots" content="noindex" />
        <title>Connect to ${address.title}</title>
        ${icon(server.icons, (src) => html`<link rel="icon" href="${src}" />`, html`<link rel="icon" href="data:," />`)}
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <header class="brand">
          ${icon(
            server.icons,
            (src) => html`<img src="${src}" alt="" width="40" height="40" />`,
            html`<span class="mark" aria-hidden="true"
              >${String.fromCodePoint(address.title.codePointAt(0) ?? 77)}</span
            >`,
          )}
          <b>${address.title}</b>
          <span class="tag">MCP server</span>
        </header>
        <main data-settings="${JSON.stringify(settings)}">
          <h1>Connect to ${address.title}</h1>
          <p class="lead">
            ${
              server.description ??
              'Use this server from your AI assistant or editor: it speaks MCP, the Model Context Protocol.'
            }
          </p>
          ${addressBox(address)} ${lookCard(configuration, settings)}
          ${clientGroups(address, settings.metadataUrl !== undefined)}
        </main>
        <footer>
          ${
            server.websiteUrl === undefined
              ? nothing
              : html`<a href="${server.websiteUrl}" rel="noreferrer">${new URL(server.websiteUrl).host}</a>`
          }
          <span>Served by Aerie</span>
        </footer>
        <div id="status" class="hidden-text" role="status"></div>
        ${new Html(`<script type="module">${BROWSER_SCRIPT}</script>`)}
      </body>
    </html> `;
}

/** Returns what the script of the page needs to know. All of it is public. */
function settingsOf({ configuration, url, signInScopes }: PageRequest): PageSettings {
  const { resource, connectPage, server, edge } = configuration;
  return {
    endpoint: url,
    callerUrl: below(url, CALLER_PATH),
    issuer: resource.metadata.authorization_servers?.[0],
    metadataUrl: resource.authorizationServerMetadataUrl,
    scopes: signInScopes,
    clientId: connectPage?.clientId,
    documentUrl: clientDocument(configuration) && below(resource.url, CLIENT_DOCUMENT),
    clientName: connectClientName(server),
    mayCall: isAllowedOrigin(new URL(url).origin, edge),
  };
}

function lookCard({ server, resource }: Configuration, { metadataUrl, mayCall }: PageSettings): Html {
  if (metadataUrl === undefined) {
    return html`<section class="card" aria-labelledby="look">
      <h2 id="look">Access</h2>
      <p>
        This server has no sign-in for people. Clients send an access token in the header
        <code>Authorization: Bearer …</code>. Ask its operator for one.
      </p>
    </section>`;
  }
  const host = new URL(resource.metadata.authorization_servers?.[0] ?? metadataUrl).host;
  return html`<section class="card look" aria-labelledby="look">
    <div class="row">
      <div>
        <h2 id="look">See your tools</h2>
        <p class="fine" id="invitation">
          Sign in at <b>${host}</b> to see which tools of ${server.title ?? server.name} you may use, and to
          try one. This page keeps the token in memory only.
        </p>
      </div>
      ${mayCall ? html`<button type="button" class="primary" id="sign-in" hidden>Sign in</button>` : nothing}
    </div>
    ${
      mayCall
        ? html`<p class="note" id="no-script">
            Signing in on this page needs JavaScript. The setup below does not.
          </p>`
        : html`<p class="note">
            This page may not call the server: ALLOWED_ORIGINS does not contain its own origin.
          </p>`
    }
    <p id="problem" class="problem" role="alert" hidden></p>
    <div id="session" hidden></div>
  </section>`;
}

function icon(icons: Configuration['server']['icons'], show: (src: string) => Html, otherwise: Html): Html {
  const [first] = icons ?? [];
  return first ? show(first.src) : otherwise;
}
