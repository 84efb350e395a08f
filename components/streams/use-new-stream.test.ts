import { describe, expect, it } from "vitest";
import { createStreamBody } from "#lib/contracts/streams.ts";
import { streamRequest } from "./use-new-stream.ts";

const DRAFT = { endpoint: "credit", name: "credit-events", inputTopic: "loans", outputTopic: "scores", deadLetterTopic: "", shadowTopic: "", groupId: "", maxInFlight: "64" };

describe("the form for a stream", () => {
  it("fills what was left empty by what its fields suggest", () => {
    expect(createStreamBody.parse(streamRequest(DRAFT))).toMatchObject({ deadLetterTopic: "loans-dead", groupId: "credit-events", shadowTopic: null, maxInFlight: 64 });
    expect(streamRequest({ ...DRAFT, deadLetterTopic: "lost", groupId: "g", shadowTopic: "s" })).toMatchObject({ deadLetterTopic: "lost", groupId: "g", shadowTopic: "s" });
  });

  it("makes no stream that would be nowhere, read its own answers, or hide behind the form's address", () => {
    const wrong = [{ maxInFlight: "" }, { inputTopic: "" }, { outputTopic: "loans" }, { name: "new" }];
    expect(wrong.map((change) => createStreamBody.safeParse(streamRequest({ ...DRAFT, ...change })).success)).toEqual([false, false, false, false]);
  });
});
