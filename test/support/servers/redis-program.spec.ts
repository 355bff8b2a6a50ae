import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { run } from './programs.ts';
import { provideRedis } from './redis-program.ts';

const PATH = process.env['PATH'];

describe('provideRedis', () => {
  let root: string;
  let programs: string;
  let cache: string;
  let written: jest.SpyInstance;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'aerie-programs-'));
    programs = join(root, 'programs');
    cache = join(root, 'cache');
    mkdirSync(programs);
    process.env['PATH'] = programs;
    written = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  });
  afterEach(() => {
    process.env['PATH'] = PATH;
    delete process.env['CONTAINER_ENGINE'];
    rmSync(root, { recursive: true });
  });

  /** Writes a shell script that stands in for a program. */
  const program = (file: string, script: string): void => {
    const path = file.startsWith('/') ? file : join(programs, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `#!/bin/sh\nPATH=/bin:/usr/bin:$PATH\n${script}\n`);
    chmodSync(path, 0o755);
  };
  /** An apt-get that downloads one package, and a dpkg-deb that finds this redis-server in it. */
  const debian = (redisServer: string): void => {
    program(
      'apt-get',
      'for last; do :; done\nfor o; do case $o in Dir::Cache=*) touch "${o#*=}/archives/$last.deb";; esac; done',
    );
    program(
      'dpkg-deb',
      `mkdir -p "$3/usr/bin" "$3/usr/lib/x"; touch "$3/usr/lib/x/liblzf.so.1"
printf '#!/bin/sh\\n${redisServer}\\n' > "$3/usr/bin/redis-server"; chmod +x "$3/usr/bin/redis-server"`,
    );
  };

  it('takes an installed one and asks no package manager', () => {
    program('redis-server', 'exit 0');
    program('apt-get', 'exit 1');
    expect(provideRedis(cache)).toBe(programs);
    expect(written).not.toHaveBeenCalled();
  });

  it('unpacks the package of Debian into the cache, and takes it from there the next time', () => {
    debian('case $LD_LIBRARY_PATH in */usr/lib/x) exit 0;; *) exit 1;; esac');
    const folder = provideRedis(cache);
    expect(folder).toBe(join(cache, 'redis-server', 'bin'));
    expect(() => run(join(folder, 'redis-server'))).not.toThrow();
    expect(readdirSync(cache)).toEqual(['redis-server']);

    program('apt-get', 'exit 1');
    expect(provideRedis(cache)).toBe(folder);
  });

  it('replaces an unpacked one that no longer starts', () => {
    program(join(cache, 'redis-server', 'bin', 'redis-server'), 'exit 127');
    debian('exit 0');
    expect(() => run(join(provideRedis(cache), 'redis-server'))).not.toThrow();
  });

  it.each([
    ['dnf', 'install --assumeyes redis'],
    ['apk', 'add --no-cache redis'],
  ])('installs it as root with %s, without asking for a password', (manager, parameters) => {
    const install = `printf '#!/bin/sh\\n' > ${programs}/redis-server; /bin/chmod +x ${programs}/redis-server`;
    program('sudo', '[ "$1" = --non-interactive ] || exit 1; shift; exec "$@"');
    program(manager, `[ "$*" = "${parameters}" ] && ${install}`);
    expect(provideRedis(cache)).toBe(programs);
  });

  it('runs it in a container when no package manager has it', () => {
    program('apt-get', 'exit 100');
    program('podman', 'exit 0');
    const folder = provideRedis(cache);
    program('podman', `echo "$@" > ${root}/arguments`);
    run(join(folder, 'redis-server'), '--port', '6400');
    expect(readFileSync(join(root, 'arguments'), 'utf8')).toContain(
      'run --rm --publish 127.0.0.1:6400:6400 redis:8 redis-server --port 6400',
    );
  });

  it('says once which command to run when nothing helps', () => {
    program('apt-get', 'echo "E: no network" >&2; exit 100');
    program('docker', 'echo "Cannot connect to the Docker daemon" >&2; exit 1');
    expect(() => provideRedis(cache)).toThrow(
      [
        'The tests need Redis, which is not installed and could not be downloaded.',
        '  apt-get: E: no network',
        '  docker: Cannot connect to the Docker daemon',
        'Install it, then run the tests again: sudo apt-get install redis-server',
      ].join('\n'),
    );
    expect(readdirSync(cache)).toEqual([]);
  });

  it('names what to install on a machine without a package manager', () => {
    expect(() => provideRedis(cache)).toThrow('install redis-server, Docker or Podman');
  });
});
