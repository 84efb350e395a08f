import { AppError } from "#lib/domain/errors.ts";
import { getApp } from "./running-app.ts";
import { callContext } from "./call-context.ts";
import { problemResponse, toProblem } from "./problem.ts";

/** Addresses under /api that no operation has: a problem document, for programs read no pages. */
export function unknownRoute(request: Request): Response {
  const { requestId } = callContext(request.headers, getApp().settings.trustedProxies);
  const problem = toProblem(
    new AppError("not_found", "There is no such address in this API.", { hint: "See /api/v1/openapi.json." }),
    { instance: new URL(request.url).pathname, requestId: requestId ?? "" },
  );
  return problemResponse(problem);
}
