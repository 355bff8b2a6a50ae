import { lookup } from 'node:dns';

import { OutageError } from '../../tool-error.js';
import { UpstreamClient } from './upstream-client.js';

jest.mock('node:dns', () => ({ ...jest.requireActual<object>('node:dns'), lookup: jest.fn() }));

const answered = (address: string): void => {
  const answer = (_host: string, _options: object, callback: (error: null, found: object[]) => void): void =>
    callback(null, [{ address, family: 4 }]);
  jest.mocked(lookup).mockImplementation(answer as never);
};

const send = async (base: string, allowsPrivate: boolean): Promise<unknown> => {
  const client = new UpstreamClient(new URL(base), allowsPrivate, 'billing');
  const request = { method: 'POST', url: new URL(base), headers: {}, body: undefined, secrets: [] };
  try {
    return await client.send(request, new AbortController().signal, 1_000);
  } finally {
    await client.close();
  }
};

describe('UpstreamClient', () => {
  it('refuses a public name that leads to a private address', async () => {
    answered('127.0.0.1');
    const failure: unknown = await send('http://billing.example.com:1/', false).catch(
      (error: unknown) => error,
    );
    if (!(failure instanceof OutageError)) throw failure;
    expect(failure).toMatchObject({
      message: 'The API "billing" cannot be reached. Try again later.',
      reason: 'upstream:unreachable',
      cause: { message: 'The host has an address that is not public.' },
    });
  });

  it('connects to a private host that the base URL names', async () => {
    await expect(send('http://127.0.0.1:1/', false)).rejects.toMatchObject({
      cause: { code: 'ECONNREFUSED' },
    });
  });
});
