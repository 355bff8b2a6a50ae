import { DatabaseUnavailableError, isRefusedLogin, isUnreachable, sqlStateOf } from './unavailable.js';

/** Error as pg throws it for an answer of PgBouncer 1.18. */
const ofPgBouncer = (message: string): object =>
  Object.assign(new Error(message), { severity: 'FATAL', code: '08P01' });

describe('the errors of PgBouncer, which have one SQLSTATE', () => {
  it.each([
    ['SASL authentication failed', '28P01'],
    ['server login failed: FATAL password authentication failed for user "aerie"', '28P01'],
    ['no such database: nope', '3D000'],
    ['database "nope" does not exist', '3D000'],
    ['unsupported startup parameter: options', '0A000'],
    ['unsupported startup parameter in options: search_path', '0A000'],
    ['transaction blocks not allowed in statement pooling mode', '0A000'],
  ])('make the start fail for wrong settings: %s', (message, state) => {
    expect(sqlStateOf(ofPgBouncer(message))).toBe(state);
    expect(isUnreachable(ofPgBouncer(message))).toBe(false);
  });

  it.each([
    'server login has been failing, try again later (server_login_retry)',
    'query_wait_timeout',
    'pgbouncer cannot connect to server',
    'server conn crashed?',
  ])('count as an outage: %s', (message) => {
    expect(new DatabaseUnavailableError(ofPgBouncer(message)).trouble).toBe('unreachable');
    expect(isUnreachable(ofPgBouncer(message))).toBe(true);
  });

  it('name its limit on connections', () => {
    const error = ofPgBouncer('no more connections allowed (max_client_conn)');
    expect(new DatabaseUnavailableError(error).trouble).toBe('connections');
    expect(isUnreachable(error)).toBe(true);
  });

  it('let a call wait for a new password', () => {
    expect(isRefusedLogin(new DatabaseUnavailableError(ofPgBouncer('SASL authentication failed')))).toBe(
      true,
    );
  });
});
