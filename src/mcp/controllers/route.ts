import {
  RequestMethod,
  type Type,
  VERSION_NEUTRAL,
  type VersioningOptions,
  VersioningType,
} from '@nestjs/common';
import {
  HOST_METADATA,
  METHOD_METADATA,
  MODULE_PATH,
  PATH_METADATA,
  RENDER_METADATA,
  SSE_METADATA,
  VERSION_METADATA,
} from '@nestjs/common/internal';
import type { ApplicationConfig, ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';
import { RoutePathFactory } from '@nestjs/core/router/route-path-factory.js';

/** Address of a controller's method. */
export interface Route {
  /** HTTP method. */
  readonly method: string;
  /** Path with prefix, version and parameters, such as `/v1/invoices/:id`. */
  readonly template: string;
  /** Headers that select the version. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Method of a controller. */
export interface ControllerMethod {
  readonly module: Module;
  readonly controller: Type;
  readonly method: object;
}

type Version = string | typeof VERSION_NEUTRAL;

/** HTTP methods that a tool can use. */
const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);

/** Syntax of paths other than `:name` and `*name`. */
const UNSUPPORTED = /[{}()?+!\\[\]]|[:*](?![A-Za-z_$])/;

/**
 * Finds the address of a controller's method. The first path is used if there are several.
 *
 * @param chosen version that the declaration names
 * @param problems receives the reasons why a tool cannot address the route
 */
export function routeOf(
  { module, controller, method }: ControllerMethod,
  chosen: string | undefined,
  application: ApplicationConfig,
  modules: ModulesContainer,
  problems: string[],
): Route | undefined {
  const [path] = textsIn(read(PATH_METADATA, method));
  if (path === undefined) {
    problems.push('it has no route. Add @Get(), @Post() or the like.');
    return undefined;
  }
  const requestMethod: RequestMethod = Number(read(METHOD_METADATA, method));
  const name = RequestMethod[requestMethod] ?? '';
  if (!METHODS.has(name)) problems.push(`its HTTP method is ${name}. Use ${[...METHODS].join(', ')}.`);
  if (read(SSE_METADATA, method) !== undefined) {
    problems.push(
      'it streams events (@Sse()), which a tool cannot return. Write a provider with @McpTool().',
    );
  }
  if (read(RENDER_METADATA, method) !== undefined) {
    problems.push('it renders a page (@Render()), which a model cannot use. Return data from another route.');
  }
  if (read(HOST_METADATA, controller) !== undefined) {
    problems.push(`${controller.name} is bound to a host, which a tool cannot address. Remove the host.`);
  }
  const versioning = application.getVersioning();
  const version = versionOf(method, controller, versioning, chosen, problems);
  const [template = ''] = new RoutePathFactory(application).create(
    {
      modulePath:
        textsIn(read(MODULE_PATH + modules.applicationId, module.metatype))[0] ??
        textsIn(read(MODULE_PATH, module.metatype))[0],
      ctrlPath: textsIn(read(PATH_METADATA, controller))[0] ?? '',
      methodPath: path,
      globalPrefix: application.getGlobalPrefix(),
      ...(version !== undefined && { methodVersion: version }),
      ...(versioning && { versioningOptions: versioning }),
    },
    requestMethod,
  );
  if (UNSUPPORTED.test(template)) {
    problems.push(`its path ${template} has optional or unnamed parts. Use :name and *name only.`);
  }
  return { method: name, template, headers: versionHeaders(version, versioning, problems) };
}

/** Names of a template's parameters. Those with `*` may contain slashes. */
export const parametersIn = (template: string): { readonly name: string; readonly isWildcard: boolean }[] =>
  [...template.matchAll(PARAMETER)].map(([text, name = '']) => ({ name, isWildcard: text.startsWith('*') }));

export const PARAMETER = /[:*]([A-Za-z_$][\w$]*)/g;

function versionOf(
  method: object,
  controller: Type,
  versioning: VersioningOptions | undefined,
  chosen: string | undefined,
  problems: string[],
): Version | undefined {
  if (!versioning) return undefined;
  const declared: unknown =
    Reflect.getMetadata(VERSION_METADATA, method) ??
    Reflect.getMetadata(VERSION_METADATA, controller) ??
    versioning.defaultVersion;
  const versions = [declared].flat().filter(isVersion);
  if (chosen === undefined) return versions[0];
  if (!versions.includes(chosen)) problems.push(`its version "${chosen}" is not a version of the route.`);
  return chosen;
}

const isVersion = (value: unknown): value is Version =>
  typeof value === 'string' || value === VERSION_NEUTRAL;

function versionHeaders(
  version: Version | undefined,
  versioning: VersioningOptions | undefined,
  problems: string[],
): Record<string, string> {
  if (typeof version !== 'string' || !versioning) return {};
  if (versioning.type === VersioningType.HEADER) return { [versioning.header.toLowerCase()]: version };
  if (versioning.type === VersioningType.MEDIA_TYPE) {
    return { accept: `application/json;${versioning.key}${version}` };
  }
  if (versioning.type === VersioningType.CUSTOM) {
    problems.push('its version is found by an extractor of the application. Make the route VERSION_NEUTRAL.');
  }
  return {};
}

const read = (key: string, on: object): unknown => Reflect.getMetadata(key, on);

const textsIn = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');
