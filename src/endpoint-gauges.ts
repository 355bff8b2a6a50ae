import { Injectable } from '@nestjs/common';

import { RevocationsService } from './auth/revocation/revocations.service.js';
import { CallsInFlight } from './limits/calls-in-flight.js';
import { Admission } from './mcp/admission/admission.js';
import { OpenStreams } from './mcp/events/open-streams.js';
import { StuckHandlers } from './mcp/invocation/stuck-handlers.js';
import { SessionRegistry } from './mcp/sessions/session-registry.js';
import { Gauges } from './observation/gauges.js';

/** Describes the state of an endpoint by gauges. */
@Injectable()
export class EndpointGauges {
  constructor(
    gauges: Gauges,
    inFlight: CallsInFlight,
    admission: Admission,
    stuck: StuckHandlers,
    sessions: SessionRegistry,
    streams: OpenStreams,
    revocations: RevocationsService,
  ) {
    const add = (name: string, unit: string, description: string, read: () => number | undefined): void =>
      gauges.add({ name: `aerie.${name}`, unit, description, read });
    add('calls.in_flight', '{call}', 'Places taken by calls', () => inFlight.taken);
    add('calls.waiting', '{call}', 'Calls that wait for an answer of their client', () => inFlight.waiting);
    add('calls.stuck', '{call}', 'Handlers that run long after their deadline', () => stuck.size);
    add('request.held_memory', 'By', 'Memory of bodies and unread responses', () => admission.heldBytes);
    add('sessions', '{session}', 'Open sessions', () => sessions.size);
    add('streams', '{stream}', 'Open event streams', () => streams.size);
    add('revocations', '{entry}', 'Entries of the revocation list', () => revocations.status.entries);
  }
}
