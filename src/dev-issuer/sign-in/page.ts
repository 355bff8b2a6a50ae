import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Html, html } from '../../pages/html.js';
import { PAGE_STYLE } from './style.js';

const STYLE_HASH = createHash('sha256').update(PAGE_STYLE).digest('base64');

/**
 * Headers that forbid scripts, external assets and frames. `form-action` is not set: Chromium also applies it to
 * redirects, and the form's response redirects to the client's URL.
 */
export const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'`,
  // With "no-referrer", browsers would send the form with "Origin: null".
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cache-control': 'no-store',
};

/** Layout of all pages. */
export function page(title: string, main: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
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
