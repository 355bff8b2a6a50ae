import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** Creates certificates in a folder: those of an authority, and of a server and a client for some host names. */
export function createCertificates(
  folder: string,
  hosts: readonly string[],
): Record<'ca' | 'server' | 'client', string> {
  const file = (name: string): string => join(folder, name);
  const openssl = (...parameters: string[]): void => {
    execFileSync('openssl', parameters, { cwd: folder, stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];
  openssl('req', '-x509', ...key, '-subj', '/CN=authority', '-keyout', 'ca.key', '-out', 'ca.pem');
  for (const name of ['server', 'client']) {
    const names = [
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(',')}`,
    ];
    const signed = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-keyout', `${name}.key`, '-out', `${name}.pem`];
    openssl('req', '-x509', ...key, ...names, '-addext', 'basicConstraints=CA:FALSE', ...signed);
  }
  return { ca: file('ca.pem'), server: file('server'), client: file('client') };
}
