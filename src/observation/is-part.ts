/** Whether a call of a method serves only a part of a message: one of the templates in a list of resources. */
export const isPart = (method: string): boolean => method === 'resources/list';
