import type { ModuleMetadata, FactoryProvider } from '@nestjs/common';

import type { AccessDeclaration } from '../../auth/access/access-rule.js';
import type { Principal } from '../../auth/principal.js';
import type { McpToolOptions } from './mcp-tool.decorator.js';
import type { OfferOptions } from './offer-method.js';

/** Value in JSON, of which a schema is the judge. */
export type FixedValue =
  string | number | boolean | null | readonly unknown[] | { readonly [name: string]: unknown };

/** How one parameter or member of the body becomes an argument. */
export type ParameterMapping =
  /** Leaves the parameter out of the request. */
  | false
  /** Sends this value, which no caller can change. A function reads it from the caller. */
  | { readonly value: ((principal: Principal) => unknown) | FixedValue }
  /** Changes the name or the description of the argument. `required` makes an optional one required. */
  | { readonly name?: string; readonly description?: string; readonly required?: true };

/**
 * Fields of a response that callers get. A path such as `items.owner.email` crosses lists by itself. In a map, `*`
 * stands for every key: `users.*.email`.
 */
export interface ResponseMapping {
  /** Fields to remove. */
  readonly hide?: readonly string[];
  /** The only fields to keep. */
  readonly keep?: readonly string[];
}

/** One operation of an OpenAPI document as a tool. */
export interface OperationMapping
  extends
    OfferOptions,
    Pick<McpToolOptions, 'group' | 'pinned' | 'annotations' | 'organizationArgument' | 'audit'> {
  /** Unique name; 1 to 128 characters from `A-Z a-z 0-9 _ . -`. */
  readonly name: string;
  /** Description for the model. Default: that of the document. */
  readonly description?: string;
  /**
   * Changes to parameters and members of the body, by name. Where two have the same name, say where: `path.id`,
   * `query.id`, `header.id`, `cookie.id` or `body.id`.
   */
  readonly parameters?: Readonly<Record<string, ParameterMapping>>;
  readonly response?: ResponseMapping;
  /** Whether the schema of the response becomes that of the structured content. Default: true. */
  readonly output?: boolean;
}

/** All operations of a tag as tools, named after their operation ids. */
export interface TagMapping {
  /** Group of the tools, such as the name of the tag. Default: none. */
  readonly group?: string;
  /** Who may call `GET` and `HEAD` operations. Without it, they are left out. */
  readonly read?: AccessDeclaration;
  /** Who may call the other operations. Without it, they are left out. */
  readonly write?: AccessDeclaration;
}

/** Secret of a security scheme: a token or key, or for HTTP Basic `name:password` or an object. */
export type Secret = string | { readonly username: string; readonly password: string };

/** Secrets by the names of the document's security schemes. */
export type Secrets = Readonly<Record<string, Secret | undefined>>;

/** API that requests go to. */
export interface Upstream {
  readonly name: string;
  readonly baseUrl: string;
}

/** Chooses the secrets of a request. */
export interface UpstreamCredentials {
  /** @param signal aborted when the call ends */
  credentialsFor(principal: Principal, upstream: Upstream, signal: AbortSignal): Secrets | Promise<Secrets>;
  /** Names of the schemes that have a secret, if they are known at startup. Startup fails if one would never be sent. */
  readonly schemes?: readonly string[];
}

/** How credentials are sent (OpenAPI, Security Scheme Object). */
export type SecurityScheme =
  | { readonly type: 'http'; readonly scheme: string }
  | { readonly type: 'apiKey'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string }
  | { readonly type: 'oauth2' | 'openIdConnect' };

/** Part of the options that may come from the configuration of the application. */
export interface UpstreamOptions {
  /** URL that the paths of the document are appended to, such as `https://api.example.com/v1`. */
  readonly baseUrl: string;
  /** Default: none. */
  readonly credentials?: UpstreamCredentials;
}

/** Operations of an OpenAPI document, and the tools that they become. */
export interface OpenApiMapping {
  /** Name of the API, for messages. */
  readonly name: string;
  /** OpenAPI 3.0 or 3.1: path of a JSON or YAML file, a URL that is read at startup, or an object. */
  readonly document: string | URL | object;
  /** Tools by operation id, or by method and path, such as `GET /pets/{id}`. */
  readonly operations?: Readonly<Record<string, OperationMapping>>;
  /** Operations by tag. An operation in `operations` keeps its own mapping. */
  readonly tags?: Readonly<Record<string, TagMapping>>;
  /** Security schemes in addition to those of the document. Without any in the document, each applies to all operations. */
  readonly securitySchemes?: Readonly<Record<string, SecurityScheme>>;
  /**
   * Allows a base URL whose name leads to a private address. Addresses, and names such as `localhost`, `billing` or
   * `billing.internal`, are recognized without it.
   */
  readonly allowPrivateNetwork?: boolean;
  /** Endpoint that offers the tools, or several; default the default endpoint. */
  readonly endpoint?: string | readonly string[];
}

/** Options of `AerieModule.fromOpenApi()`: base URL and credentials directly, or from providers of the application. */
export type OpenApiOptions = OpenApiMapping &
  (
    | UpstreamOptions
    | (Pick<ModuleMetadata, 'imports'> &
        Pick<FactoryProvider<UpstreamOptions>, 'inject'> & {
          readonly useFactory: FactoryProvider<UpstreamOptions>['useFactory'];
        })
  );
