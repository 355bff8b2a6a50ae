import { Global, Module } from '@nestjs/common';

import { AdmissionModule } from '../admission/admission.module.js';
import { AuthorizationModule } from '../authorization/authorization.module.js';
import { EventsModule } from '../events/events.module.js';
import { ServerModule } from '../server/server.module.js';
import { McpSessions } from './mcp-sessions.js';
import { SessionRegistry } from './session-registry.js';

/** Serves sessions. Global, so that they end after the application's modules have stopped. */
@Global()
@Module({
  imports: [AuthorizationModule, EventsModule, AdmissionModule, ServerModule],
  providers: [SessionRegistry, McpSessions],
  exports: [SessionRegistry, McpSessions],
})
export class SessionsModule {}
