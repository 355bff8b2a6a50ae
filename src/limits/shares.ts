/** Minimum lead of the largest group over one that gets a place of it. With less, the two would take turns forever. */
const MIN_LEAD = 2;

/** Tracks which organizations hold the places of an instance, so that none can keep the others out. */
export class Shares<Holder> {
  readonly #groups = new Map<string, Set<Holder>>();

  /** @param group key of the organization */
  add(group: string, holder: Holder): void {
    const holders = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, holders.add(holder));
  }

  /** Returns whether the holder had a place. */
  remove(group: string, holder: Holder): boolean {
    const holders = this.#groups.get(group);
    if (!holders?.delete(holder)) return false;
    if (holders.size === 0) this.#groups.delete(group);
    return true;
  }

  /**
   * Returns the holders of the organization that holds most places, oldest first. When all places are taken, one of these
   * holders gives up its place for the asker.
   *
   * @param asker key of an organization
   * @returns nothing if the asker holds nearly as many
   */
  largestOver(asker: string): Iterable<Holder> {
    let largest: ReadonlySet<Holder> | undefined;
    for (const holders of this.#groups.values()) {
      if (holders.size > (largest?.size ?? 0)) largest = holders;
    }
    const own = this.#groups.get(asker)?.size ?? 0;
    return largest && largest.size >= own + MIN_LEAD ? largest : [];
  }
}
