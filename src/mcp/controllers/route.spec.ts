import {
  Controller,
  Get,
  Version,
  VERSION_NEUTRAL,
  type VersioningOptions,
  VersioningType,
} from '@nestjs/common';
import { ApplicationConfig, type ModulesContainer } from '@nestjs/core';
import type { Module } from '@nestjs/core/injector/module.js';

import { routeOf } from './route.js';

@Controller('orders')
class OrdersController {
  @Get(['one', 'other'])
  several(this: void): void {}

  @Get('new')
  @Version(['2', '3'])
  versions(this: void): void {}

  @Get('always')
  @Version(VERSION_NEUTRAL)
  neutral(this: void): void {}
}

const { several, versions, neutral } = OrdersController.prototype;

function find(method: object, versioning?: VersioningOptions, chosen?: string) {
  const application = new ApplicationConfig();
  application.setGlobalPrefix('api');
  if (versioning) application.enableVersioning(versioning);
  const problems: string[] = [];
  const module = { metatype: OrdersController } as unknown as Module;
  const modules = { applicationId: 'test' } as ModulesContainer;
  const route = routeOf(
    { module, controller: OrdersController, method },
    chosen,
    application,
    modules,
    problems,
  );
  return { ...route, problems };
}

describe('the address of a controller’s method', () => {
  it('has the prefix, and the first of several paths', () => {
    expect(find(several)).toEqual({ method: 'GET', template: '/api/orders/one', headers: {}, problems: [] });
  });

  it.each([
    [versions, { type: VersioningType.URI }, undefined, '/api/v2/orders/new', {}],
    [versions, { type: VersioningType.URI, prefix: false }, '3', '/api/3/orders/new', {}],
    [neutral, { type: VersioningType.URI, defaultVersion: '1' }, undefined, '/api/orders/always', {}],
    [several, { type: VersioningType.URI, defaultVersion: '1' }, undefined, '/api/v1/orders/one', {}],
    [
      versions,
      { type: VersioningType.HEADER, header: 'X-Version' },
      '3',
      '/api/orders/new',
      { 'x-version': '3' },
    ],
    [
      versions,
      { type: VersioningType.MEDIA_TYPE, key: 'v=' },
      undefined,
      '/api/orders/new',
      { accept: 'application/json;v=2' },
    ],
  ] satisfies [object, VersioningOptions, string | undefined, string, object][])(
    'selects the version: %#',
    (method, versioning, chosen, template, headers) => {
      expect(find(method, versioning, chosen)).toEqual({ method: 'GET', template, headers, problems: [] });
    },
  );

  it('must not name a version that the route does not have', () => {
    expect(find(versions, { type: VersioningType.URI }, '4').problems).toEqual([
      'its version "4" is not a version of the route.',
    ]);
  });

  it('must not depend on an extractor', () => {
    const extractor = (): string => '2';
    expect(find(versions, { type: VersioningType.CUSTOM, extractor }).problems).toEqual([
      expect.stringContaining('extractor'),
    ]);
  });
});
