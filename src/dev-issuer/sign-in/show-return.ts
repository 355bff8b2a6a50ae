import type { KoaContextWithOIDC } from 'oidc-provider';
import { redirectKind } from '../redirect-uri.js';
import { PAGE_HEADERS } from './page.js';
import { returnedPage } from './returned-page.js';

/**
 * Shows a page instead of an empty tab when the browser leaves for an application with a private-use scheme. Without a
 * page (prompt=none), the redirect stays as it is. `Location` stays for programs that follow it themselves.
 */
export function showReturn(ctx: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> {
  return next().then(() => replaceRedirect(ctx));
}

function replaceRedirect(ctx: KoaContextWithOIDC): void {
  const location = ctx.response.get('location');
  const isReturn = ctx.path.startsWith('/oauth/authorize') && redirectKind(location) === 'private-use';
  if (!isReturn || wordsOf(ctx.oidc.params?.['prompt']).includes('none')) return;
  ctx.status = 200;
  ctx.set(PAGE_HEADERS);
  ctx.body = returnedPage(location, ctx.oidc.client?.clientName).text;
}

const wordsOf = (value: unknown): string[] => (typeof value === 'string' ? value.split(' ') : []);
