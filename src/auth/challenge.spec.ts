import {
  type AuthError,
  InsufficientScopeError,
  InvalidRequestError,
  InvalidTokenError,
  MissingTokenError,
} from './auth-errors.js';
import { challenge } from './challenge.js';

const context = {
  resourceMetadataUrl: 'https://host/.well-known/oauth-protected-resource/mcp',
  signInScopes: ['a', 'b'],
};
const METADATA = `resource_metadata="${context.resourceMetadataUrl}"`;

describe('challenge', () => {
  it.each([
    [new MissingTokenError(), `Bearer realm="mcp", scope="a b", ${METADATA}`],
    [
      new InvalidTokenError('expired'),
      `Bearer realm="mcp", error="invalid_token", error_description="The access token has expired.", scope="a b", ${METADATA}`,
    ],
    [
      new InvalidRequestError('several_tokens', 'Two headers.'),
      `Bearer realm="mcp", error="invalid_request", error_description="Two headers.", scope="a b", ${METADATA}`,
    ],
    [
      new InsufficientScopeError(['c', 'd']),
      `Bearer realm="mcp", error="insufficient_scope", error_description="This needs the scopes c d.", scope="c d", ${METADATA}`,
    ],
  ] satisfies [AuthError, string][])('describes %s', (error, expected) => {
    expect(challenge(error, context)).toBe(expected);
  });

  it('replaces characters that would end the quoted string', () => {
    expect(challenge(new InvalidRequestError('malformed_header', 'a "b" \\ é\n'), context)).toContain(
      'error_description="a ?b? ? ??", scope=',
    );
  });

  it('omits the scope if no scopes are known', () => {
    expect(challenge(new MissingTokenError(), { ...context, signInScopes: [] })).not.toContain('scope=');
  });
});
