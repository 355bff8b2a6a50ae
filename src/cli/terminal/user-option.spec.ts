import { DEMO_USERS } from '../../dev-issuer/users.js';
import { userOption } from './user-option.js';

describe('userOption', () => {
  it('accepts all users of the embedded issuer', () => {
    expect(userOption().argChoices).toEqual(DEMO_USERS.map(({ login }) => login));
  });
});
