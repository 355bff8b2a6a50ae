import type { ConfigFactory } from '@nestjs/config';

/**
 * This deployment's own settings. Each namespace is checked together with Aerie's variables, by the start and by
 * `npm run check`, and any provider can inject it. See docs/configuration.md.
 */
export const SETTINGS: readonly ConfigFactory[] = [];
