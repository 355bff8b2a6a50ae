/**
 * Number of names below which a Map keeps names that are not in use. Deleting and adding the same few would leave much
 * garbage: a Map that lives long replaces its table again and again, and only a full collection removes the old ones.
 */
export const MIN_NAMES = 1_000;
