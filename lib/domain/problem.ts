/** One thing that is wrong with a document, and where: a JSON pointer (RFC 6901) and a sentence for people. */
export type Problem = { readonly pointer: string; readonly message: string };
