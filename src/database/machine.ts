import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export const HOST = hostname();

/**
 * Identity shared by the processes that see each other's IDs: the boot of the kernel and the PID namespace on Linux, and
 * the platform on macOS, which has no containers. Unlike the host name, it does not change with the network. Undefined
 * where only the host name is known.
 */
export const MACHINE: string | undefined = machineOf(process.platform);

function machineOf(platform: NodeJS.Platform): string | undefined {
  if (platform !== 'linux') return platform === 'darwin' ? platform : undefined;
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined; // as in some sandboxes
  }
}
