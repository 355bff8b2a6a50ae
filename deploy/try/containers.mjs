import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs docker. Resolves with its output, and rejects if it fails. */
export async function docker(...args) {
  return (await promisify(execFile)('docker', args, { timeout: 120_000, maxBuffer: 64 << 20 })).stdout.trim();
}

/** Runs docker like {@link docker}, but resolves with the exit code and output even if it fails. */
export async function attempt(args, environment = {}) {
  try {
    const options = { timeout: 60_000, env: { ...process.env, ...environment } };
    const { stdout, stderr } = await promisify(execFile)('docker', args, options);
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    return { code: error.code, output: String(error.stdout) + String(error.stderr) };
  }
}

export const compose = (...args) => docker('compose', ...args);

/** Names of the running containers of a service. */
export async function containersOf(service) {
  return (await compose('ps', '--format', '{{.Name}}', service)).split('\n').filter(Boolean).toSorted();
}

/** Image of a running service. */
export async function serviceImage(service) {
  return docker('inspect', '-f', '{{.Config.Image}}', (await containersOf(service))[0]);
}

/** Addresses of a container by network name, without the project's prefix. */
export async function addressesOf(container) {
  const networks = JSON.parse(await docker('inspect', '-f', '{{json .NetworkSettings.Networks}}', container));
  return Object.fromEntries(
    Object.entries(networks).map(([name, { IPAddress }]) => [name.replace(/^.*_/, ''), IPAddress]),
  );
}

/** Whether a TCP connection from a container's network succeeds. */
export async function reaches(container, host, port) {
  const script = `require('net').connect(${port}, '${host}').on('connect', () => process.exit(0)).on('error', () => process.exit(1)).setTimeout(2000, () => process.exit(1))`;
  const network = `container:${container}`;
  const { code } = await attempt(['run', '--rm', '--network', network, 'aerie-issuer', 'node', '-e', script]);
  return code === 0;
}

/** Waits until a container is healthy and the proxy has noticed. */
export async function untilServing(container) {
  const deadline = Date.now() + 60_000;
  while ((await docker('inspect', '-f', '{{.State.Health.Status}}', container)) !== 'healthy') {
    if (Date.now() > deadline) throw new Error(`${container} does not become healthy`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // The proxy checks once a second.
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}

/** Signs tokens of the demo's issuer without a sign-in, each for its own caller and organization. */
export async function signTokens(count, prefix) {
  const script = `
    import { signDirectToken } from '/app/dist/dev-issuer/direct-token.js';
    import { loadSigningKey } from '/app/dist/dev-issuer/signing-key.js';
    import { StateDirectory } from '/app/dist/dev-issuer/state-directory.js';
    const { ISSUER_STATE, ISSUER_PUBLIC_URL, RESOURCE_URL, MCP_SERVER_ID } = process.env;
    const key = await loadSigningKey(await StateDirectory.open(ISSUER_STATE));
    const tokens = [];
    for (let index = 0; index < ${count}; index++) tokens.push(await signDirectToken({
      key, issuer: ISSUER_PUBLIC_URL, resourceUrl: RESOURCE_URL, resourceId: MCP_SERVER_ID,
      user: 'alice', scope: 'usr:read org:read todo:read todo:write', expiresInSeconds: 3600,
      claims: { sub: 'usr_${prefix}' + index, oid: 'org_${prefix}' + index, client_id: 'm2m_${prefix}' + index },
    }));
    process.stdout.write(JSON.stringify(tokens));`;
  return JSON.parse(await compose('exec', '-T', 'issuer', 'node', '--input-type=module', '--eval', script));
}
