import { problemKinds } from "#lib/api/problem.ts";
import { route } from "#lib/api/route.ts";
import { listProblems } from "#lib/contracts/api/system-operations.ts";

export const GET = route(listProblems, () => Promise.resolve({ body: { problems: [...problemKinds()] } }));
