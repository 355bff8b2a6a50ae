import cluster from 'node:cluster';

import { serviceResource } from './service-resource.js';

const given = process.env['OTEL_RESOURCE_ATTRIBUTES'];

describe('the resource of a process', () => {
  afterEach(() => {
    delete process.env['OTEL_RESOURCE_ATTRIBUTES'];
    if (given !== undefined) process.env['OTEL_RESOURCE_ATTRIBUTES'] = given;
  });

  const instance = (): unknown => serviceResource('aerie-1:42').attributes['service.instance.id'];

  it('is the instance that it is given', () => {
    expect(instance()).toBe('aerie-1:42');
  });

  it('is the instance in the environment, which several workers do not share', () => {
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'service.instance.id=pod,service.namespace=tools';
    expect(instance()).toBe('pod');
    jest.replaceProperty(cluster, 'isWorker', true);
    expect(instance()).toBe(`pod:${process.pid}`);
    expect(serviceResource('x').attributes).toMatchObject({
      'service.namespace': 'tools',
      'service.name': 'aerie',
    });
  });
});
