import type { ConfigFactory } from '@nestjs/config';

/**
 * Settings of this deployment. Startup and `npm run check` validate each namespace together with Aerie's variables, and
 * any provider can inject it. See docs/settings.md.
 */
export const SETTINGS: readonly ConfigFactory[] = [];
