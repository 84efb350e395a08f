import { expect, it } from "vitest";
import { createSeal } from "./sealed.ts";
import { newWebhookSecret, signWebhook } from "./sign-webhook.ts";

// The example of the Standard Webhooks reference libraries (test vector of `standardwebhooks` and of Svix).
it("signs as the reference libraries of Standard Webhooks do", () => {
  const headers = signWebhook("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  });
  expect(headers).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

it("draws secrets of 32 bytes, never the same twice", () => {
  const secret = newWebhookSecret();
  expect(Buffer.from(secret.slice("whsec_".length), "base64")).toHaveLength(32);
  expect(newWebhookSecret()).not.toBe(secret);
});

it("opens what it sealed, and nothing that was changed or sealed under another secret or for another purpose", () => {
  const seal = createSeal("a".repeat(32), "channels");
  const sealed = seal.seal("https://hooks.example/T0/secret");
  expect(seal.open(sealed)).toBe("https://hooks.example/T0/secret");
  expect(Buffer.from(sealed).includes("secret")).toBe(false);
  const changed = Uint8Array.from(sealed);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  expect(seal.open(changed)).toBeNull();
  expect(createSeal("b".repeat(32), "channels").open(sealed)).toBeNull();
  expect(createSeal("a".repeat(32), "other").open(sealed)).toBeNull();
  expect(seal.open(new Uint8Array(3))).toBeNull();
});
