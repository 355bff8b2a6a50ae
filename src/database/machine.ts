import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export const HOST = hostname();

/** Whether machines have an identity: on Linux only. */
export const HAS_MACHINES = process.platform === 'linux';

/**
 * Identity shared by the processes that see each other's IDs: the boot of the kernel and the PID namespace. Unlike the host
 * name, it does not change with the network. Undefined on other systems, where only the host name is known.
 */
export const MACHINE: string | undefined = machineOf();

function machineOf(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined; // also in some sandboxes
  }
}
