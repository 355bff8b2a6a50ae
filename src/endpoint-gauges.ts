import { Inject, Injectable } from '@nestjs/common';

import type { IssuerVerifier } from './auth/issuer-verifier.js';
import { VerifiedTokens } from './auth/verified-tokens.js';
import { OWN_KEYS, SCALEKIT } from './auth/verifiers.js';
import { CONFIGURATION, type Configuration } from './config/configuration.js';
import { CallLimits } from './limits/call-limits.js';
import { CallsInFlight } from './limits/calls-in-flight.js';
import { Admission } from './mcp/admission/admission.js';
import { StuckHandlers } from './mcp/invocation/stuck-handlers.js';
import { ToolPolicyService } from './mcp/policy/tool-policy.service.js';
import { McpSessions } from './mcp/sessions/mcp-sessions.js';
import { SessionRegistry } from './mcp/sessions/session-registry.js';
import { Listeners } from './mcp/streamable-http/listeners.js';
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
    mcpSessions: McpSessions,
    listeners: Listeners,
    limits: CallLimits,
    verified: VerifiedTokens,
    policy: ToolPolicyService,
    @Inject(CONFIGURATION) configuration: Configuration,
    @Inject(SCALEKIT) scalekit: IssuerVerifier | undefined,
    @Inject(OWN_KEYS) ownKeys: IssuerVerifier | undefined,
  ) {
    const add = (name: string, unit: string, description: string, read: () => number): void =>
      gauges.add({ name: `aerie.${name}`, unit, description, read });
    add('calls.in_flight', '{call}', 'Places taken by calls', () => inFlight.taken);
    add('calls.limit', '{call}', 'Places for calls', () => inFlight.limit);
    add(
      'calls.utilization',
      '1',
      'Share of the places for calls that is taken',
      () => inFlight.taken / inFlight.limit,
    );
    add('calls.waiting', '{call}', 'Calls that wait for an answer of their client', () => inFlight.waiting);
    add('calls.stuck', '{call}', 'Handlers that run long after their deadline', () => stuck.size);
    add('request.held_memory', 'By', 'Memory of bodies and unread responses', () => admission.heldBytes);
    add('sessions', '{session}', 'Open sessions', () => sessions.size);
    add('sessions.kept_events', '{event}', 'Events kept to resume streams', () => mcpSessions.keptEvents);
    add('listeners', '{stream}', 'Streams that notify listeners of changes', () => listeners.size);
    add('limits.degraded', '{endpoint}', 'Endpoints that count limits without Redis', () =>
      limits.isDegraded ? 1 : 0,
    );
    add('tool_policy.rejected', '{endpoint}', 'Endpoints whose changed tool policy is invalid', () =>
      policy.isRefused ? 1 : 0,
    );
    add('token_cache.entries', '{token}', 'Cached verified tokens', () => verified.size);
    const count = (name: string, description: string, read: () => number): void =>
      gauges.add({ name: `aerie.${name}`, unit: '{request}', description, read, isTotal: true });
    count('token_cache.hits', 'Requests with a cached token', () => verified.hits);
    count('token_cache.misses', 'Requests whose token had to be verified', () => verified.misses);
    for (const verifier of [scalekit, ownKeys]) {
      if (verifier?.signingKeys) addIssuer(gauges, verifier, configuration.signingKeys.maxAge);
    }
  }
}

/** Describes the signing keys of an issuer. */
function addIssuer(gauges: Gauges, verifier: IssuerVerifier, maxAge: number): void {
  const [issuer = ''] = verifier.issuers;
  const add = (name: string, unit: string, description: string, read: () => number | undefined): void =>
    gauges.add({ name: `aerie.${name}`, unit, description, read, attributes: { issuer } });
  add(
    'signing_keys.age',
    's',
    'Time since the signing keys were loaded',
    () => verifier.signingKeys?.ageSeconds,
  );
  add('signing_keys.max_age', 's', 'Age at which signing keys are loaded again', () => maxAge / 1_000);
  add('issuer.unreachable', '{endpoint}', 'Endpoints that could not load the signing keys', () =>
    verifier.signingKeys?.issuerReachable === false ? 1 : 0,
  );
}
