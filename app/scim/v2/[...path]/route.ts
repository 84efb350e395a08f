import { handleScim } from "#lib/api/scim/scim-route.ts";

export { handleScim as GET, handleScim as POST, handleScim as PUT, handleScim as PATCH, handleScim as DELETE };
