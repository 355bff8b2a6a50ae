import type { Icons } from '../config/icons.js';

/** Inline parts and hosts of the page, as the content security policy names them. */
export interface PageSources {
  readonly scriptHash: string;
  readonly styleHash: string;
  /** URL of the authorization server; undefined if there is none. */
  readonly authorizationServer: string | undefined;
  readonly icons: Icons | undefined;
}

/** Returns the headers of the page. It may run its own script, and talk to this server and the authorization server. */
export function pageHeaders({
  scriptHash,
  styleHash,
  authorizationServer,
  icons = [],
}: PageSources): Record<string, string> {
  const images = [...new Set(['data:', ...icons.map(({ src }) => imageSource(src))])];
  return {
    'Content-Type': 'text/html; charset=utf-8',
    // The URL may contain an authorization code.
    'Cache-Control': 'no-store',
    'Content-Security-Policy': [
      "default-src 'none'",
      `script-src ${scriptHash}`,
      `style-src ${styleHash}`,
      `connect-src ${["'self'", ...(authorizationServer === undefined ? [] : [new URL(authorizationServer).origin])].join(' ')}`,
      `img-src ${images.join(' ')}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join('; '),
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  };
}

/** Returns the source expression for an image. A comma or a semicolon in it would end the directive. */
function imageSource(src: string): string {
  if (src.startsWith('data:')) return 'data:';
  const { origin, pathname } = new URL(src);
  return (origin + pathname).replaceAll(';', '%3B').replaceAll(',', '%2C');
}
