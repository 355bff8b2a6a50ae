import { getConfigToken } from '@nestjs/config';

import type { AuthMode } from './auth-modes.js';
import type { Icons } from './icons.js';
import type { ProtectedResourceMetadata } from './protected-resource-metadata.js';
import type { PublicJwk } from './public-jwk.js';
import type { ScopeHierarchy } from './scope-hierarchy.js';
import type { SignatureAlgorithm } from './signature-algorithms.js';
import type { Rate } from './units.js';

/** How Aerie is set up: validated, typed and frozen once at the start. */
export interface Configuration {
  readonly production: boolean;
  readonly authModes: readonly AuthMode[];
  readonly http: {
    readonly port: number;
    readonly host: string;
    /** Largest request body, bytes. */
    readonly bodyLimit: number;
    /** Maximum nesting of arrays and objects in a request body. */
    readonly maxDepth: number;
    /** How long a client may take to send headers and body, milliseconds. */
    readonly requestTimeout: number;
    /** Maximum number of connections; further ones are closed at once. */
    readonly maxConnections: number;
    /** Addresses and ranges whose forwarded headers are believed, as Express's `trust proxy` takes them. */
    readonly trustedProxies: readonly string[];
  };
  readonly resource: {
    /** The endpoint's public URL: RFC 9728 `resource`, RFC 8707 resource indicator. */
    readonly url: string;
    /** The path that this process serves the endpoint under; differs from the URL's only behind a proxy. */
    readonly path: string;
    /** Where the metadata document is published (RFC 9728 §3.1). */
    readonly metadataUrl: string;
    /** The document, as configured or derived; `scopes_supported` may be missing. */
    readonly metadata: ProtectedResourceMetadata;
    /** The authorization server's own metadata document (RFC 8414 §3.1); undefined where there is none. */
    readonly authorizationServerMetadataUrl: string | undefined;
    /** `scope` of the first challenge; undefined: whatever the metadata supports. */
    readonly signInScopes: readonly string[] | undefined;
  };
  /** Scalekit, or the embedded issuer in its place; undefined where neither's tokens are trusted. */
  readonly scalekit:
    | {
        readonly environmentUrl: string;
        readonly clientId: string | undefined;
        readonly clientSecret: string | undefined;
        /** Accepted `iss` values: the environment, and the resource's own authorization server where known. */
        readonly issuers: readonly string[];
        /** Accepted `aud` values; a token needs one of them. */
        readonly audiences: readonly string[];
      }
    | undefined;
  /** Tokens of own keys; undefined where none are trusted. */
  readonly jwt:
    | {
        /** The public keys; undefined: they are fetched from `jwksUri`. */
        readonly keys: readonly PublicJwk[] | undefined;
        readonly jwksUri: string | undefined;
        /** Accepted `iss` values. */
        readonly issuers: readonly string[];
        /** Accepted `aud` values; a token needs one of them. */
        readonly audiences: readonly string[];
        readonly algorithms: readonly SignatureAlgorithm[];
        /** What every such token needs, whatever it is used for. */
        readonly requiredScopes: readonly string[];
        /** How far the signer's clock may be off, milliseconds. */
        readonly clockTolerance: number;
        /** The claims to read instead of the usual ones. */
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
    /** Age beyond which keys are no longer used although the issuer is down, milliseconds. */
    readonly maxStale: number;
    /** Least time between two requests for keys that a failure or an unknown key causes, milliseconds. */
    readonly cooldown: number;
  };
  /** Longest time that a verified token is remembered, milliseconds. */
  readonly tokenCache: number;
  readonly edge: {
    /** Origins whose pages may call the endpoint; `*` allows all. */
    readonly allowedOrigins: readonly string[];
    /** Host names, without port, that the endpoint answers to. */
    readonly allowedHosts: readonly string[];
    /** Whether pages of any loopback origin (any port) may call, as local tools such as the Inspector do. */
    readonly allowLoopback: boolean;
  };
  /** Longest lifetime of a token that is accepted, milliseconds: a revocation need not outlive it. */
  readonly maxTokenLifetime: number;
  /** Which scopes include others. */
  readonly scopeHierarchy: ScopeHierarchy;
  /** Who may read the details of readiness; undefined: nobody, in development anybody. */
  readonly healthDetailsScope: string | undefined;
  /** How a call is refused whose token lacks a scope: HTTP 403 with a challenge, or a tool result. */
  readonly insufficientScopeAs: 'challenge' | 'result';
  /** What the server says of itself. */
  readonly server: {
    /** For programs. */
    readonly name: string;
    /** For people. */
    readonly title: string | undefined;
    /** undefined: that of the package. */
    readonly version: string | undefined;
    readonly websiteUrl: string | undefined;
    readonly icons: Icons | undefined;
    /** For models: what it is for and how to use it. */
    readonly instructions: string | undefined;
  };
  /** What outlives a request. */
  readonly sessions: {
    /** Whether the 2025 revisions may open sessions. */
    readonly enabled: boolean;
    /** Whether the HTTP+SSE endpoints of 2024-11-05 are served. */
    readonly sse: boolean;
    /** Of this instance; the id of each of its sessions begins with it. */
    readonly instance: string;
    /** How long a session may be left alone, milliseconds. */
    readonly idleTimeout: number;
    readonly most: number;
    readonly mostPerCaller: number;
  };
  /** What the state of a multi-round-trip request is signed with; undefined: something of this process alone. */
  readonly requestStateSecret: string | undefined;
  /** Where instances share state; undefined: this one has none to share with. */
  readonly redisUrl: string | undefined;
  /** Where tools keep what belongs to organisations; undefined: nowhere, and those that need it are not offered. */
  readonly database:
    | {
        readonly kind: 'server';
        /** Connection string of the role that tools' queries run under. */
        readonly url: string;
        /** Connection string of the role that owns the schema; undefined: it is migrated by somebody else. */
        readonly migrationUrl: string | undefined;
        readonly poolSize: number;
        /** Secret from which the key derives that signs the organization of each transaction. */
        readonly tenantSecret: string;
      }
    | { readonly kind: 'embedded'; readonly folder: string }
    | undefined;
  /** How many processes serve. */
  readonly workers: number;
  readonly log: {
    readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
    /** Whether lines name the caller's issuer: only if several are trusted, since subjects are unique within one. */
    readonly withIssuer: boolean;
  };
  /** What may be spent in calls, each undefined where there is no limit. */
  readonly limits: {
    readonly caller: Rate | undefined;
    readonly organization: Rate | undefined;
    /** Per caller and tool. */
    readonly tool: Rate | undefined;
    /** Per address. */
    readonly invalidTokens: Rate | undefined;
    /** Calls that one instance works on at the same time. */
    readonly inFlight: { readonly instance: number; readonly organization: number; readonly caller: number };
    /** Part of the places that calls of one tool may hold although they do not end. */
    readonly stuckShare: number;
    /** Bytes of memory that the bodies and unread answers of requests in progress take. */
    readonly bodyBytes: { readonly instance: number; readonly caller: number };
    /** Bytes of memory that listeners and sessions take for the names of resources. */
    readonly keptBytes: { readonly instance: number; readonly caller: number };
    /** Streams on which one instance tells listeners of changes. */
    readonly listeners: { readonly instance: number; readonly caller: number };
  };
  /** How long an instance that is to stop says so before it does, milliseconds. */
  readonly shutdownDelay: number;
  /** How long a stop waits for requests in flight, milliseconds. */
  readonly shutdownTimeout: number;
  readonly tools: {
    /** Longest time that a call may take unless its tool says otherwise, milliseconds. */
    readonly timeout: number;
    /** Largest result, characters of its text and data. */
    readonly resultLimit: number;
    /** How many organisations keep their durable providers while nobody uses them. */
    readonly maxOrganizationsInMemory: number;
    /** Path of the file of allowed and denied tools; undefined: every organisation may have all. */
    readonly policyFile: string | undefined;
  };
  /** The embedded issuer; undefined unless `authModes` has `dev`. */
  readonly devIssuer: { readonly port: number; readonly resourceId: string } | undefined;
  /** Folder for what survives a restart: revocations without Redis, and what the embedded issuer keeps. */
  readonly stateDirectory: string;
  /** What looks like a mistake but may be meant, in words for the log. */
  readonly warnings: readonly string[];
}

/** Aerie's namespace in `ConfigService`: `config.get('aerie.resource.url')`. */
export const CONFIGURATION_NAMESPACE = 'aerie';

/** Injection token of the {@link Configuration}. */
export const CONFIGURATION = getConfigToken(CONFIGURATION_NAMESPACE);
