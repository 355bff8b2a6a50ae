import { resourcesIn, withResources } from './listen-request.js';

const request = (notifications: unknown): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'subscriptions/listen',
  params: { _meta: {}, notifications },
});

describe('a request to listen', () => {
  it('names its resources', () => {
    expect(resourcesIn(request({ resourceSubscriptions: ['a://1', 'a://2'] }))).toEqual(['a://1', 'a://2']);
  });

  it.each([
    [undefined],
    [null],
    [{}],
    [{ resourceSubscriptions: 'a://1' }],
    [{ resourceSubscriptions: [1] }],
  ])('names none in the notifications %j', (notifications) => {
    expect(resourcesIn(request(notifications))).toEqual([]);
    expect(withResources(request(notifications), new Set())).toEqual(request(notifications));
  });

  it('keeps everything else when it names fewer resources', () => {
    const body = request({ toolsListChanged: true, resourceSubscriptions: ['a://1', 'a://2'] });
    const fewer = request({ toolsListChanged: true, resourceSubscriptions: ['a://2'] });
    expect(withResources(body, new Set(['a://2']))).toEqual(fewer);
  });
});
