import type { ServerResponse } from 'node:http';
import { cspHash } from '../../pages/csp-hash.js';
import { Html, html, nothing } from '../../pages/html.js';
import { PAGE_STYLE } from './style.js';

/**
 * Headers that forbid scripts, external assets and frames. `form-action` is not set: Chromium also applies it to
 * redirects, and the form's response redirects to the client's URL.
 */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src ${cspHash(PAGE_STYLE)}; img-src data:; base-uri 'none'; frame-ancestors 'none'`,
  // With "no-referrer", browsers would send the form with "Origin: null".
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** Layout of all pages. */
export function page(title: string, main: Html, head: Html = nothing): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${head}
        <link rel="icon" href="data:," />
        <title>${title} · Aerie</title>
        ${new Html(`<style>${PAGE_STYLE}</style>`)}
      </head>
      <body>
        <header class="brand"><b>Aerie</b><span>Development sign-in</span></header>
        <main>${main}</main>
      </body>
    </html> `;
}

/** Sends a page. */
export function sendPage(res: ServerResponse, status: number, content: Html): void {
  res.writeHead(status, PAGE_HEADERS);
  res.end(content.text);
}
