/** Where a conversation is found in the console. */
export const address = (id: string): string => `/conversations/${encodeURIComponent(id)}`;
