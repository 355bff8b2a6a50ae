import { aPrincipal } from '../../../test/support/principal.js';
import type { Asked, AskedTool, AuthorizationService } from '../authorization/authorization.service.js';
import type { RequestContext } from '../context/request-context.js';
import { AdmittedMessages, admittedIn } from './admitted-messages.js';

const principal = aPrincipal({ subject: 'usr_1', clientId: undefined, scopes: ['a'] });
const context = { principal } as RequestContext;

const asked = (name: string): AskedTool => ({
  kind: 'tool',
  name,
  offer: { kind: 'tool', name } as AskedTool['offer'],
  decision: { outcome: 'allowed' },
});

const calling = (target: Asked | undefined): AdmittedMessages['messages'][number] => ({
  body: {},
  method: 'tools/call',
  asked: target,
});

const KNOWS_NOTHING: Pick<AuthorizationService, 'find'> = { find: () => undefined };

describe('admitted messages', () => {
  const [greet, leave] = [asked('greet'), asked('leave')];
  const messages = [calling(greet), calling(undefined), calling(leave)];

  it('lead to the target of each message by its kind and name', () => {
    const admitted = new AdmittedMessages(context, messages, KNOWS_NOTHING);
    expect(admitted.asked('tool', 'greet')).toBe(greet);
    expect(admitted.asked('tool', 'leave')).toBe(leave);
    expect(admitted.asked('tool', 'other')).toBeUndefined();
    expect(admitted.asked('prompt', 'greet')).toBeUndefined();
  });

  it('find the target again in a later round', () => {
    const now = asked('greet');
    const admitted = new AdmittedMessages(context, messages, { find: () => now });
    expect(admitted.asked('tool', 'greet', {})).toBe(now);
    const removed = new AdmittedMessages(context, messages, KNOWS_NOTHING);
    expect(removed.asked('tool', 'greet', {})).toBeUndefined();
  });

  it('describe the caller to the SDK without the token', () => {
    const { token, clientId, scopes, expiresAt } = new AdmittedMessages(context, [], KNOWS_NOTHING);
    expect([token, clientId, scopes, expiresAt]).toEqual(['', 'usr_1', ['a'], principal.expiresAt]);
  });

  it('are the only AuthInfo that a handler accepts', () => {
    const admitted = new AdmittedMessages(context, [], KNOWS_NOTHING);
    expect(admittedIn(admitted)).toBe(admitted);
    for (const other of [undefined, {}, Object.assign({}, admitted)])
      expect(() => admittedIn(other)).toThrow('outside');
  });
});
