import { type InjectionToken, SetMetadata, type Type } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';

/** Name of the endpoint of an application that names none. */
export const DEFAULT_ENDPOINT = 'default';

/** Injection token of the name of the endpoint that a provider works for. */
export const ENDPOINT = Symbol('ENDPOINT');

/** Injection token of the path of the endpoint that a provider works for. */
export const ENDPOINT_PATH = Symbol('ENDPOINT_PATH');

/** Injection token of an endpoint's provider in the rest of the application. */
export const ofEndpoint = (endpoint: string, token: InjectionToken): InjectionToken =>
  endpoint === DEFAULT_ENDPOINT
    ? token
    : `${typeof token === 'function' ? token.name : String(token)} of the endpoint "${endpoint}"`;

const SERVED = Symbol('SERVED');

/** Marks a controller that serves an endpoint. */
export const serves = (endpoint: string): ClassDecorator => SetMetadata(SERVED, endpoint);

/** Returns the endpoint that a controller serves, or undefined for a controller of the application. */
export const servedBy = (reflector: Reflector, controller: Type): string | undefined =>
  reflector.get<string | undefined>(SERVED, controller);
