import { Module } from '@nestjs/common';

import { EventsModule } from '../events/events.module.js';
import { Completions } from './completions.service.js';
import { InvocationService } from './invocation.service.js';
import { Prompts } from './prompts.service.js';
import { RequestState } from './request-state.js';
import { Resources } from './resources.service.js';
import { ResultLimit } from './result-limit.js';
import { StuckHandlers } from './stuck-handlers.js';
import { ToolCalls } from './tool-calls.service.js';

/** Runs the methods of tools, resources, prompts and completions. */
@Module({
  imports: [EventsModule],
  providers: [
    InvocationService,
    RequestState,
    ResultLimit,
    StuckHandlers,
    ToolCalls,
    Resources,
    Prompts,
    Completions,
  ],
  exports: [RequestState, StuckHandlers, ToolCalls, Resources, Prompts, Completions],
})
export class InvocationModule {}
