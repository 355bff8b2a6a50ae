import { appendFile, mkdir, mkdtemp, readFile, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterPayload } from 'oidc-provider';
import { MAX_RECORDS } from './oidc-store.js';
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

  it('keeps clients and removals across restarts', async () => {
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

  it('writes only the changed client, regardless of the number of clients', async () => {
    const clients = await open();
    const write = jest.spyOn(StateDirectory.prototype, 'replace');
    const ids = Array.from({ length: MAX_RECORDS - 1 }, (_none, index) => `client-${index}`);
    await Promise.all(ids.map((id) => clients.upsert(id, client(id))));
    expect(write).not.toHaveBeenCalled();
    expect((await journal()).split('\n')).toHaveLength(MAX_RECORDS);
    await clients.upsert('last', client('last'));
    expect(write).toHaveBeenCalledTimes(1);
    await expect(journal()).rejects.toThrow('ENOENT');
    write.mockRestore();
  });

  it('evicts the least recently used client at the maximum', async () => {
    const clients = await open();
    for (let index = 0; index < MAX_RECORDS; index++) await clients.upsert(`${index}`, client(`${index}`));
    await clients.find('0');
    await clients.upsert('new', client('new'));
    expect(await clients.find('0')).toBeDefined();
    expect(await clients.find('1')).toBeUndefined();
    expect(await (await open()).find('1')).toBeUndefined();
  });

  it('ignores the only line, which a crash cut off', async () => {
    await appendFile(join(path, 'clients.journal'), '{"id":"b","cli');
    await (await open()).upsert('c', client('c'));
    await (await open()).upsert('d', client('d'));
    const clients = await open();
    expect(await clients.find('c')).toEqual(client('c'));
    expect(await clients.find('d')).toEqual(client('d'));
  });

  it('appends nothing to a part of a line that a full disk has left', async () => {
    const clients = await open();
    await mkdir(join(path, 'clients.journal'));
    await expect(clients.upsert('a', client('a'))).rejects.toThrow('EISDIR');
    await rmdir(join(path, 'clients.journal'));
    await appendFile(join(path, 'clients.journal'), '{"id":"a","cli');
    await clients.upsert('b', client('b'));
    await clients.upsert('c', client('c'));
    const later = await open();
    for (const id of ['a', 'b', 'c']) expect(await later.find(id)).toEqual(client(id));
  });

  it('ignores a line that a crash cut off', async () => {
    await (await open()).upsert('a', client('a'));
    await appendFile(join(path, 'clients.journal'), '{"id":"b","cli');
    const clients = await open();
    expect(await clients.find('a')).toEqual(client('a'));
    await clients.upsert('c', client('c'));
    expect(await (await open()).find('c')).toEqual(client('c'));
  });
});
