export const TARGET: string;
export function buildVerifier(): Promise<string>;
