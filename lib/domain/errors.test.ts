import { expect, test } from "vitest";
import * as errors from "./errors.ts";

const { AppError, isDenial, notFound } = errors;

test("a refusal made by another copy of this module in the same process is a refusal here", async () => {
  const address = "./errors.ts?another-copy";
  const copy: Pick<typeof errors, "AppError"> = await import(address);
  expect(copy.AppError).not.toBe(AppError);
  expect(new copy.AppError("conflict", "No.") instanceof AppError).toBe(true);
  expect(notFound() instanceof copy.AppError).toBe(true);
});

test("other errors are no refusals", () => {
  for (const value of [new Error("x"), new TypeError("x"), { code: "conflict", message: "x" }, null, undefined, "conflict"]) {
    expect(value instanceof AppError).toBe(false);
  }
});

test("a refusal carries its code, what helps, and its cause", () => {
  const cause = new Error("below");
  const error = new AppError("busy", "Later.", { hint: "Wait.", retryAfterSeconds: 3, cause });
  expect(error).toMatchObject({ name: "AppError", code: "busy", message: "Later.", hint: "Wait.", retryAfterSeconds: 3, cause });
  expect([isDenial("self_approval"), isDenial("conflict")]).toEqual([true, false]);
});
