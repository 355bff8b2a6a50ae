/**
 * Loads a module that imports optional peer dependencies.
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
  try {
    return await load();
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
