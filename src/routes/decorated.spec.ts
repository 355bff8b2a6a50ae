import { Controller } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/internal';

import { servedAt } from './decorated.js';

@Controller('own')
class Served {}

describe('a controller of an endpoint', () => {
  const at = (path: string): object => servedAt(Served, { endpoint: 'staff', path, decorators: [] });
  const read = (key: string, of: object): unknown => Reflect.getMetadata(key, of);

  it('has a path of its own, and leaves the class as it is', () => {
    const [one, other] = [at('/mcp'), at('/internal/mcp')];
    expect([one, other, Served].map((type) => read(PATH_METADATA, type))).toEqual([
      '/mcp',
      '/internal/mcp',
      'own',
    ]);
  });

  it('is left out of the document of @nestjs/swagger', () => {
    expect(read('swagger/apiExcludeController', at('/mcp'))).toEqual([true]);
    expect(read('swagger/apiExcludeController', Served)).toBeUndefined();
  });
});
