import type { RequestHandler, Response } from 'express';

import type { ProtectedResource } from '../auth/protected-resource.js';
import type { Configuration } from '../config/configuration.js';
import { jsonText } from '../values/json-text.js';
import { underLoopbackName } from '../values/loopback.js';
import { below, CLIENT_DOCUMENT, clientDocument } from './client-document.js';
import { PAGE_HASHES, renderPage } from './page.js';
import { pageHeaders } from './page-policy.js';
import { prefersPage } from './prefers-page.js';
import { withoutSlash } from '../values/without-slash.js';

/** Rendered page, and what it depends on. */
interface Rendered {
  readonly signInScopes: readonly string[];
  readonly html: Buffer;
}

/**
 * Serves the page for people who open the endpoint in a browser. Express runs it before the guard: it answers only what
 * needs no token, and leaves every other request as it is.
 */
export class ConnectPage {
  readonly #headers: Readonly<Record<string, string>>;
  readonly #document: Buffer | undefined;
  /** By URL of the endpoint: one in production, one for each loopback name in development. */
  readonly #rendered = new Map<string, Rendered>();

  constructor(
    private readonly configuration: Configuration,
    private readonly resource: ProtectedResource,
  ) {
    const document = clientDocument(configuration);
    this.#document = document && Buffer.from(jsonText(document));
    this.#headers = pageHeaders({
      ...PAGE_HASHES,
      authorizationServer: configuration.resource.metadata.authorization_servers?.[0],
      icons: configuration.server.icons,
    });
  }

  /**
   * Returns the handler of GET and HEAD requests.
   *
   * @param isAtRoot whether `/` shows the page too
   */
  handler(isAtRoot: boolean): RequestHandler {
    const { path } = this.configuration.resource;
    const pages = new Set([plain(path), ...(isAtRoot ? [''] : [])]);
    const document = plain(below(path, CLIENT_DOCUMENT));
    return (request, response, next) => {
      const asked = plain(request.path);
      // The endpoint answers programs with what no cache keeps. At the root, it may be a 404 or a page of the application.
      if (isAtRoot && asked === '') response.vary('Accept');
      if (pages.has(asked) && prefersPage(request.headers)) this.#sendPage(request.headers.host, response);
      else if (asked === document && this.#document) sendDocument(response, this.#document);
      else next();
    };
  }

  #sendPage(host: string | undefined, response: Response): void {
    const { resource, production } = this.configuration;
    const html = this.#render(production ? resource.url : underLoopbackName(resource.url, host));
    response.vary('Accept').set(this.#headers).set('Content-Length', String(html.length)).end(html);
  }

  #render(url: string): Buffer {
    const { signInScopes } = this.resource;
    const known = this.#rendered.get(url);
    if (known?.signInScopes === signInScopes) return known.html;
    const html = Buffer.from(renderPage({ configuration: this.configuration, url, signInScopes }).text);
    this.#rendered.set(url, { signInScopes, html });
    return html;
  }
}

/** Returns a path without distinctions that Express does not make. */
const plain = (path: string): string => withoutSlash(path.toLowerCase());

function sendDocument(response: Response, document: Buffer): void {
  response
    .set('Content-Type', 'application/json')
    .set('Cache-Control', 'public, max-age=3600')
    .set('Content-Length', String(document.length))
    .end(document);
}
