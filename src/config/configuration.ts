import { getConfigToken } from '@nestjs/config';

import type { AuthMode } from './auth-modes.js';
import type { Icons } from './icons.js';
import type { ProtectedResourceMetadata } from '../oauth/protected-resource-metadata.js';
import type { PublicJwk } from '../oauth/public-jwk.js';
import type { ScopeHierarchy } from '../oauth/scope-hierarchy.js';
import type { SignatureAlgorithm } from '../oauth/signature-algorithms.js';
import type { Rate } from './units.js';

/** Configuration of Aerie, validated, typed and frozen at startup. */
export interface Configuration {
  readonly production: boolean;
  readonly authModes: readonly AuthMode[];
  readonly http: {
    readonly port: number;
    readonly host: string;
    /** Maximum size of a request body, bytes. */
    readonly bodyLimit: number;
    /** Maximum nesting of arrays and objects in a request body. */
    readonly maxDepth: number;
    /** Maximum time for a client to send headers and body, milliseconds. */
    readonly requestTimeout: number;
    /** Maximum number of connections; further connections are closed immediately. */
    readonly maxConnections: number;
    /** Addresses and ranges whose forwarded headers are trusted, in the format of Express's `trust proxy`. */
    readonly trustedProxies: readonly string[];
  };
  readonly resource: {
    /** Public URL of the endpoint: RFC 9728 `resource`, RFC 8707 resource indicator. */
    readonly url: string;
    /** Path under which this process serves the endpoint; differs from the path of the URL only behind a proxy. */
    readonly path: string;
    /** URL of the metadata document (RFC 9728 §3.1). */
    readonly metadataUrl: string;
    /** Configured or derived metadata document; `scopes_supported` may be missing. */
    readonly metadata: ProtectedResourceMetadata;
    /** URL of the authorization server's metadata (RFC 8414 §3.1); undefined without an authorization server. */
    readonly authorizationServerMetadataUrl: string | undefined;
    /** `scope` of the first challenge; undefined to derive it from the declared scopes. */
    readonly signInScopes: readonly string[] | undefined;
  };
  /** Scalekit, or the embedded issuer in its place; undefined if neither is trusted. */
  readonly scalekit:
    | {
        readonly environmentUrl: string;
        readonly clientId: string | undefined;
        readonly clientSecret: string | undefined;
        /** Accepted `iss` values: the environment and, if known, the authorization server of the resource. */
        readonly issuers: readonly string[];
        /** Accepted `aud` values; a token needs one of them. */
        readonly audiences: readonly string[];
      }
    | undefined;
  /** Tokens signed with the operator's own keys; undefined if they are not trusted. */
  readonly jwt:
    | {
        /** Public keys; undefined if they are fetched from `jwksUri`. */
        readonly keys: readonly PublicJwk[] | undefined;
        readonly jwksUri: string | undefined;
        /** Accepted `iss` values. */
        readonly issuers: readonly string[];
        /** Accepted `aud` values; a token needs one of them. */
        readonly audiences: readonly string[];
        readonly algorithms: readonly SignatureAlgorithm[];
        /** Scopes that every such token needs, in addition to those of each tool. */
        readonly requiredScopes: readonly string[];
        /** Tolerated clock difference, milliseconds. */
        readonly clockTolerance: number;
        /** Claim names that replace the defaults. */
        readonly claims: Readonly<
          Record<
            'subject' | 'client' | 'organization' | 'scopes' | 'roles' | 'permissions',
            string | undefined
          >
        >;
      }
    | undefined;
  readonly signingKeys: {
    /** Age at which keys are fetched again, milliseconds. */
    readonly maxAge: number;
    /** Age beyond which keys are no longer used, even while the issuer is down, milliseconds. */
    readonly maxStale: number;
    /** Minimum time between key requests after a failure or for an unknown key, milliseconds. */
    readonly cooldown: number;
  };
  /** Maximum time that a verified token is cached, milliseconds. */
  readonly tokenCache: number;
  readonly edge: {
    /** Origins whose pages may call the endpoint; `*` allows all. */
    readonly allowedOrigins: readonly string[];
    /** Accepted host names of the endpoint, without port. */
    readonly allowedHosts: readonly string[];
    /** Whether pages of any loopback origin and port may call, such as the Inspector. */
    readonly allowLoopback: boolean;
  };
  /** Maximum lifetime of an accepted token, milliseconds. Revocations need not be kept longer. */
  readonly maxTokenLifetime: number;
  /** Defines which scopes include others. */
  readonly scopeHierarchy: ScopeHierarchy;
  /** Scope that grants access to readiness details. If undefined, nobody has access, except in development. */
  readonly healthDetailsScope: string | undefined;
  /** Response to a call without the required scope: HTTP 403 with a challenge, or a tool result. */
  readonly insufficientScopeAs: 'challenge' | 'result';
  /** Self-description of the server. */
  readonly server: {
    /** Machine-readable name. */
    readonly name: string;
    /** Display name. */
    readonly title: string | undefined;
    /** Server version; undefined to use the package version. */
    readonly version: string | undefined;
    readonly websiteUrl: string | undefined;
    readonly icons: Icons | undefined;
    /** Instructions for models: the purpose of the server and how to use it. */
    readonly instructions: string | undefined;
  };
  /** Settings of stateful sessions. */
  readonly sessions: {
    /** Whether clients of the legacy era may open sessions. */
    readonly enabled: boolean;
    /** Whether the HTTP+SSE endpoints of 2024-11-05 are served. */
    readonly sse: boolean;
    /** Name of this instance, which is the prefix of its session ids. */
    readonly instance: string;
    /** Maximum idle time of a session, milliseconds. */
    readonly idleTimeout: number;
    /** Maximum number of sessions in this instance. */
    readonly max: number;
    /** Maximum number of sessions per caller. */
    readonly maxPerCaller: number;
  };
  /** Secret that signs the state of multi-round-trip requests; undefined to use a random secret of this process. */
  readonly requestStateSecret: string | undefined;
  /** Redis in which instances share state; undefined for a single instance. */
  readonly redisUrl: string | undefined;
  /** Database for the data of organizations; undefined if there is none. Tools that need it are then not offered. */
  readonly database:
    | {
        readonly kind: 'server';
        /** Connection string of the role that runs the queries of tools. */
        readonly url: string;
        /** Connection string of the role that owns the schema; undefined if migrations run elsewhere. */
        readonly migrationUrl: string | undefined;
        readonly poolSize: number;
        /** Secret for deriving the key that signs the organization of each transaction. */
        readonly tenantSecret: string;
      }
    | { readonly kind: 'embedded'; readonly folder: string }
    | undefined;
  /** Number of server processes. */
  readonly workers: number;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
    /** Whether lines contain the issuer of the caller. Set if several issuers are trusted, each with its own subjects. */
    readonly withIssuer: boolean;
  };
  /** Limits on calls; an undefined rate means no limit. */
  readonly limits: {
    readonly caller: Rate | undefined;
    readonly organization: Rate | undefined;
    /** Rate per caller and tool. */
    readonly tool: Rate | undefined;
    /** Rate of invalid tokens per address. */
    readonly invalidTokens: Rate | undefined;
    /** Maximum number of concurrent calls in one instance. */
    readonly inFlight: { readonly instance: number; readonly organization: number; readonly caller: number };
    /** Maximum share of the concurrent calls that stuck calls of one tool may occupy. */
    readonly stuckShare: number;
    /** Maximum memory for the bodies and unread responses of requests in progress, bytes. */
    readonly bodyBytes: { readonly instance: number; readonly caller: number };
    /** Maximum memory for the resource names of listeners and sessions, bytes. */
    readonly keptBytes: { readonly instance: number; readonly caller: number };
    /** Maximum number of streams that notify listeners of changes in one instance. */
    readonly listeners: { readonly instance: number; readonly caller: number };
  };
  /** Time between reporting not ready and stopping, milliseconds. */
  readonly shutdownDelay: number;
  /** Maximum time that shutdown waits for requests in flight, milliseconds. */
  readonly shutdownTimeout: number;
  readonly tools: {
    /** Default timeout of a tool call, milliseconds. */
    readonly timeout: number;
    /** Maximum size of a result, characters of its text and data. */
    readonly resultLimit: number;
    /** Maximum number of organizations whose durable providers stay in memory while idle. */
    readonly maxOrganizationsInMemory: number;
    /** Path of the file of allowed and denied tools; undefined to allow all tools to every organization. */
    readonly policyFile: string | undefined;
  };
  /** Embedded issuer; undefined unless `authModes` includes `dev`. */
  readonly devIssuer: { readonly port: number; readonly resourceId: string } | undefined;
  /** Directory for persistent state: revocations without Redis, and the state of the embedded issuer. */
  readonly stateDirectory: string;
  /** Log messages about settings that look like mistakes but may be intended. */
  readonly warnings: readonly string[];
}

/** Aerie's namespace in `ConfigService`: `config.get('aerie.resource.url')`. */
export const CONFIGURATION_NAMESPACE = 'aerie';

/** Injection token of the {@link Configuration}. */
export const CONFIGURATION = getConfigToken(CONFIGURATION_NAMESPACE);
