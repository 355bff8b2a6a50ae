import { withoutUnusedDetails } from './declared-client.js';

const initialize = (capabilities: unknown, clientInfo: unknown = { name: 'x', version: '1' }): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities, clientInfo },
});
const kept = (message: object): unknown => Reflect.get(withoutUnusedDetails(message), 'params');

describe('withoutUnusedDetails', () => {
  it('keeps the capabilities that handlers can use, without their details', () => {
    const large = { details: Array.from({ length: 1_000 }, () => ({})) };
    const declared = { elicitation: { form: large, url: {} }, sampling: { tools: large }, roots: large };
    expect(kept(initialize({ ...declared, experimental: large, extensions: large }))).toMatchObject({
      capabilities: { elicitation: { form: {}, url: {} }, sampling: { tools: {} }, roots: {} },
    });
    expect(JSON.stringify(kept(initialize({ ...declared, experimental: large })))).not.toContain('details');
  });

  it('keeps a capability without parts', () => {
    expect(kept(initialize({ elicitation: {} }))).toMatchObject({ capabilities: { elicitation: {} } });
  });

  it('removes the description of the client', () => {
    const clientInfo = { name: 'x'.repeat(1_000), version: '1', icons: [{ src: 'https://icon.example' }] };
    expect(kept(initialize({}, clientInfo))).toMatchObject({ clientInfo: { name: '', version: '' } });
  });

  it.each([
    [5, { name: 5, version: '1' }],
    [{ elicitation: 'yes' }, 5],
    [{ sampling: { tools: 5 } }, []],
  ])('leaves invalid values unchanged: %j, %j', (capabilities, clientInfo) => {
    expect(withoutUnusedDetails(initialize(capabilities, clientInfo))).toEqual(
      initialize(capabilities, clientInfo),
    );
  });
});

it('leaves other messages unchanged', () => {
  const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { capabilities: { a: 1 } } };
  expect(withoutUnusedDetails(call)).toBe(call);
});
