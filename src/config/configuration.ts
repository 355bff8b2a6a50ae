import { getConfigToken } from '@nestjs/config';

import type { AuthMode } from './auth-modes.js';
import type { audit } from './sections/audit.js';
import type { database } from './sections/database.js';
import type { development } from './sections/development.js';
import type { http } from './sections/http.js';
import type { limits } from './sections/limits.js';
import type { operation } from './sections/operation.js';
import type { ownKeys } from './sections/own-keys.js';
import type { redis } from './sections/redis.js';
import type { resource } from './sections/resource.js';
import type { scalekit } from './sections/scalekit.js';
import type { server } from './sections/server.js';
import type { sessions } from './sections/sessions.js';
import type { telemetry } from './sections/telemetry.js';
import type { tokens } from './sections/tokens.js';
import type { tools } from './sections/tools.js';
import type { SettingsOf } from './variable.js';

/** Configuration of Aerie, validated, typed and frozen at startup. Each section declares its part. */
export interface Configuration
  extends
    SettingsOf<typeof scalekit>,
    SettingsOf<typeof resource>,
    SettingsOf<typeof ownKeys>,
    SettingsOf<typeof tokens>,
    SettingsOf<typeof http>,
    SettingsOf<typeof server>,
    SettingsOf<typeof tools>,
    SettingsOf<typeof limits>,
    SettingsOf<typeof sessions>,
    SettingsOf<typeof operation>,
    SettingsOf<typeof redis>,
    SettingsOf<typeof telemetry>,
    SettingsOf<typeof audit>,
    SettingsOf<typeof database>,
    SettingsOf<typeof development> {
  readonly authModes: readonly AuthMode[];
  /** Log messages about settings that look like mistakes but may be intended. */
  readonly warnings: readonly string[];
}

/** Aerie's namespace in `ConfigService`: `config.get('aerie.resource.url')`. */
export const CONFIGURATION_NAMESPACE = 'aerie';

/** Injection token of the {@link Configuration}. */
export const CONFIGURATION = getConfigToken(CONFIGURATION_NAMESPACE);
