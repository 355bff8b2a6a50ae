/** Last module that is loaded. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Loads a module that imports optional peer dependencies, one module after the other: Node.js cannot `require` a package
 * that another module is importing at the moment (ERR_REQUIRE_ESM_RACE_CONDITION).
 *
 * @param feature subject of the error, such as `Redis`
 * @param packages names of the peer dependencies
 * @throws {Error} with the command that installs them, if one of them is missing
 */
export async function loadOptional<Module>(
  feature: string,
  packages: readonly string[],
  load: () => Promise<Module>,
): Promise<Module> {
  const loaded = last.then(load);
  last = loaded.catch(() => undefined);
  try {
    return await loaded;
  } catch (error) {
    throw explained(error, feature, packages);
  }
}

/** Does the same for packages that `require` loads. */
export function requireOptional<Module>(
  feature: string,
  packages: readonly string[],
  load: () => Module,
): Module {
  try {
    return load();
  } catch (error) {
    throw explained(error, feature, packages);
  }
}

function explained(error: unknown, feature: string, packages: readonly string[]): unknown {
  const isMissing =
    error instanceof Error &&
    'code' in error &&
    (error.code === 'ERR_MODULE_NOT_FOUND' || error.code === 'MODULE_NOT_FOUND') &&
    packages.some((name) => error.message.includes(`'${name}'`));
  if (!isMissing) return error;
  const command = `npm install ${packages.join(' ')}`;
  return new Error(`${feature} needs packages that are not installed. Run: ${command}`, { cause: error });
}
