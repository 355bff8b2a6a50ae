/** What the SDK's message begins with or contains → what to tell the caller. The message itself stays here. */
const REASONS: readonly (readonly [pattern: RegExp, description: string])[] = [
  [/"exp" claim timestamp/, 'The access token has expired.'],
  [/"exp" claim must/, 'The access token has no expiry.'],
  [/"nbf" claim/, 'The access token is not valid yet.'],
  [/"aud" claim/, 'The access token is for another audience.'],
  [/"iss" claim/, 'The access token is from another issuer.'],
  [/signature verification failed/, 'The signature of the access token does not hold.'],
  [/no applicable key|multiple matching keys/, 'The access token names no key of its issuer.'],
];

/** Says in fixed words why a token was refused; nothing of the token is repeated. */
export function reasonOf(failure: { readonly message: string }): string {
  return REASONS.find(([pattern]) => pattern.test(failure.message))?.[1] ?? 'The access token is not valid.';
}

/** Whether the SDK came as far as the claims, which it reads only after the signature held. */
export function isAuthentic(failure: { readonly message: string }): boolean {
  return /"(exp|nbf|aud)" claim/.test(failure.message);
}
