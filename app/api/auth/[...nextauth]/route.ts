import { handleAuthRequest } from "#lib/api/next-auth.ts";

export { handleAuthRequest as GET, handleAuthRequest as POST };
