import { loadOptional } from './load-optional.js';

const missing = (name: string): Error =>
  Object.assign(new Error(`Cannot find package '${name}' imported from /app/index.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

describe('loadOptional', () => {
  it('returns the module', async () => {
    await expect(loadOptional('Redis', ['ioredis'], async () => ({ connect: 1 }))).resolves.toEqual({
      connect: 1,
    });
  });

  it('says how to install a missing package', async () => {
    await expect(
      loadOptional('The issuer', ['oidc-provider', 'ipaddr.js'], () => Promise.reject(missing('ipaddr.js'))),
    ).rejects.toThrow(
      'The issuer needs packages that are not installed. Run: npm install oidc-provider ipaddr.js',
    );
  });

  it.each([missing('pg'), new Error("Cannot find package 'ioredis'")])('passes %s on', async (error) => {
    const load = (): never => {
      throw error;
    };
    await expect(loadOptional('Redis', ['ioredis'], load)).rejects.toBe(error);
  });
});
