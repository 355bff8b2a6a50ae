import { loadConfiguration } from '../../config/load-configuration.js';
import { aPrincipal } from '../../../test/support/principal.js';
import { Reloads } from '../../config/reloads.js';
import { type RepeatedCall, RequestState } from './request-state.js';

const CALL: RepeatedCall = {
  principal: aPrincipal(),
  method: 'tools/call',
  name: 'delete',
  input: { table: 'a', options: { dry: true, limit: 3 } },
};
const ROUNDS = {
  asked: { q: 'digest' },
  answers: { p: { question: 'digest', response: { action: 'accept' } } },
};

describe('the state of a call', () => {
  const state = new RequestState(loadConfiguration({}), new Reloads());
  const after = async (call: RepeatedCall): Promise<unknown> =>
    state.roundsOf(call, await state.verify(await state.mint(CALL, ROUNDS)));

  it('restores the round for the same call of the same caller', async () => {
    expect(await after(CALL)).toMatchObject(ROUNDS);
    expect(await after({ ...CALL, principal: aPrincipal({ tokenId: 'tkn_2' }) })).toMatchObject(ROUNDS);
  });

  it('restores the round for the same arguments in another order', async () => {
    const input = { options: { limit: 3, dry: true }, table: 'a' };
    expect(await after({ ...CALL, input })).toMatchObject(ROUNDS);
  });

  it.each<[string, Partial<RepeatedCall>]>([
    ['arguments', { input: { table: 'b' } }],
    ['tool', { name: 'other' }],
    ['method', { method: 'prompts/get' }],
    ['subject', { principal: aPrincipal({ subject: 'usr_2' }) }],
    ['client', { principal: aPrincipal({ clientId: 'skc_2' }) }],
    ['organization', { principal: aPrincipal({ organizationId: 'org_2' }) }],
    ['issuer', { principal: aPrincipal({ issuer: 'https://other.example' }) }],
  ])('is rejected for another %s', async (_what, change) => {
    expect(await after({ ...CALL, ...change })).toBeUndefined();
  });

  it('is rejected by a process with another secret', async () => {
    const minted = await state.mint(CALL, ROUNDS);
    await expect(new RequestState(loadConfiguration({}), new Reloads()).verify(minted)).rejects.toThrow(
      'mac',
    );
  });

  it('expires after ten minutes, unless the server keeps it for a session', async () => {
    const [sent, kept] = [await state.mint(CALL, ROUNDS), await state.mint(CALL, ROUNDS, true)];
    const later = Date.now() + 700_000;
    const clock = jest.spyOn(Date, 'now').mockReturnValue(later);
    try {
      await expect(state.verify(sent)).rejects.toThrow('expired');
      expect(state.roundsOf(CALL, await state.verify(kept))).toMatchObject(ROUNDS);
    } finally {
      clock.mockRestore();
    }
  });

  it('is accepted with any of several secrets, and signed with the first', async () => {
    const [old, fresh] = ['o'.repeat(32), 'n'.repeat(32)];
    const reloads = new Reloads();
    const changing = new RequestState(loadConfiguration({ REQUEST_STATE_SECRET: old }), reloads);
    const use = (...secrets: string[]): string[] =>
      reloads.apply(loadConfiguration({ REQUEST_STATE_SECRET: secrets.join('\n') }), [
        'REQUEST_STATE_SECRET',
      ]);
    const ofOld = await changing.mint(CALL, ROUNDS);
    expect(use(fresh, old)).toEqual([]);
    const ofFresh = await changing.mint(CALL, ROUNDS);
    expect(changing.roundsOf(CALL, await changing.verify(ofOld))).toMatchObject(ROUNDS);
    expect(changing.roundsOf(CALL, await changing.verify(ofFresh))).toMatchObject(ROUNDS);
    use(fresh);
    await expect(changing.verify(ofOld)).rejects.toThrow('mac');
    expect(changing.roundsOf(CALL, await changing.verify(ofFresh))).toMatchObject(ROUNDS);
  });
});
