import type { AuditWitnessesView, WitnessAnswerView } from "#lib/contracts/audit-api.ts";
import type { StatusShape } from "../ui/mark.tsx";

type Verdict = WitnessAnswerView["verdict"];

/** What a witness said, in shape and word. */
export const witnessWords: Readonly<Record<Verdict, { readonly shape: StatusShape; readonly word: string }>> = {
  agrees: { shape: "passed", word: "Agrees" },
  holds_nothing: { shape: "no-data", word: "Holds nothing" },
  rolled_back: { shape: "failed", word: "Log rolled back" },
  forked: { shape: "failed", word: "Log rewritten" },
  strange: { shape: "failed", word: "Holds something else" },
  unreachable: { shape: "no-data", word: "No answer" },
  cannot_answer: { shape: "draft", word: "Cannot be asked" },
};

export const witnessKinds = { file: "Directory", webhook: "Web address", s3: "S3 bucket" } as const satisfies Record<AuditWitnessesView["witnesses"][number]["kind"], string>;
