import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterPayload } from 'oidc-provider';
import { MOST_RECORDS } from './oidc-store.js';
import { RegisteredClients } from './registered-clients.js';
import { StateDirectory } from './state-directory.js';

describe('RegisteredClients', () => {
  let path: string;
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'dev-issuer-'));
  });
  afterEach(() => rm(path, { recursive: true }));

  const open = async (): Promise<RegisteredClients> =>
    RegisteredClients.load(await StateDirectory.open(path));
  const client = (id: string): AdapterPayload => ({ client_id: id });
  const journal = (): Promise<string> => readFile(join(path, 'clients.journal'), 'utf8');

  it('keeps clients, and forgets those that are gone, over restarts', async () => {
    const first = await open();
    await Promise.all(['a', 'b', 'c'].map((id) => first.upsert(id, client(id))));
    await first.destroy('b');
    const second = await open();
    await second.upsert('d', client('d'));
    const third = await open();
    expect(await Promise.all(['a', 'b', 'c', 'd'].map((id) => third.find(id)))).toEqual([
      client('a'),
      undefined,
      client('c'),
      client('d'),
    ]);
  });

  it('writes as much for a client as that client is large, however many there are', async () => {
    const clients = await open();
    const write = jest.spyOn(StateDirectory.prototype, 'replace');
    const ids = Array.from({ length: MOST_RECORDS - 1 }, (_none, index) => `client-${index}`);
    await Promise.all(ids.map((id) => clients.upsert(id, client(id))));
    expect(write).not.toHaveBeenCalled();
    expect((await journal()).split('\n')).toHaveLength(MOST_RECORDS);
    await clients.upsert('last', client('last'));
    expect(write).toHaveBeenCalledTimes(1);
    await expect(journal()).rejects.toThrow('ENOENT');
    write.mockRestore();
  });

  it('holds a bounded number, and the least recently used gives way', async () => {
    const clients = await open();
    for (let index = 0; index < MOST_RECORDS; index++) await clients.upsert(`${index}`, client(`${index}`));
    await clients.find('0');
    await clients.upsert('new', client('new'));
    expect(await clients.find('0')).toBeDefined();
    expect(await clients.find('1')).toBeUndefined();
    expect(await (await open()).find('1')).toBeUndefined();
  });

  it('leaves out a line that a crash cut off', async () => {
    await (await open()).upsert('a', client('a'));
    await appendFile(join(path, 'clients.journal'), '{"id":"b","cli');
    const clients = await open();
    expect(await clients.find('a')).toEqual(client('a'));
    await clients.upsert('c', client('c'));
    expect(await (await open()).find('c')).toEqual(client('c'));
  });
});
