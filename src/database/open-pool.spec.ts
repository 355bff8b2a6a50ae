import { openPool } from './open-pool.js';

it('a pool whose certificate cannot be read any more rejects each query, those that wait too', async () => {
  const pool = openPool('postgresql://user:secret@127.0.0.1:1/aerie?sslrootcert=/nonexistent.pem', 1);
  const queries = await Promise.allSettled([pool.query('select 1'), pool.query('select 1')]);
  const refused = { status: 'rejected', reason: { code: 'ENOENT' } };
  expect(queries).toMatchObject([refused, refused]);
  await pool.end();
});
