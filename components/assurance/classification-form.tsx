"use client";

import { useState } from "react";
import { fieldMessage } from "#lib/client/api-client.ts";
import type { ClassificationFormView } from "#lib/contracts/views/assurance-view.ts";
import { PLAIN } from "#lib/domain/governance/frameworks/plain-answers.ts";
import { PROHIBITED, PROHIBITED_WORDS, type Answers } from "#lib/domain/governance/frameworks/profile.ts";
import { ApiProblemSummary } from "../shell/api-problem-summary.tsx";
import { Button } from "../ui/button.tsx";
import { ChoiceGroup, Field, TextArea } from "../ui/field.tsx";
import { useGovernanceAct } from "./use-governance-act.ts";

/** Nothing chosen yet: whoever classifies says the roles. */
const EMPTY: Answers = { ...PLAIN, roles: [] };

const ROLES: Record<Answers["roles"][number], string> = { provider: "Provider: develops it or has it developed", deployer: "Deployer: uses it", importer: "Importer", distributor: "Distributor", authorised_representative: "Authorised representative", product_manufacturer: "Product manufacturer" };
const SCOPE: Record<Answers["outOfScope"], string> = { none: "None of these", military: "Military, defence or national security only", research_only: "Scientific research only", personal: "Personal, non-professional use only" };
const ANNEX_I_WORDS: Record<Answers["annexI"], string> = { none: "No", third_party_assessed: "Yes, and the product needs assessment by a third party", assists_only: "Yes, but it only assists or optimises and its failure endangers nobody" };
const EXIT_WORDS: Record<Answers["exemption"], string> = { none: "None is claimed", narrow_procedural: "A narrow procedural task", improves_completed: "Improves a completed human activity", detects_patterns: "Detects patterns or deviations without replacing the human assessment", preparatory: "A preparatory task" };
const MEETING: Record<Answers["transparency"][number], string> = { interacts: "Talks or writes with people", generates: "Generates content", emotion_or_categorisation: "Reads emotions or categorises people by biometrics", deep_fake: "Makes deep fakes, or text published on matters of public interest" };
const TRAIT_WORDS: Record<Answers["traits"][number], string> = {
  real_world_testing: "Is tested in the real world before market entry",
  special_category_data: "Uses special categories of data to find bias",
  continual_learning: "Goes on learning in use",
  provider_outside_eu: "Its provider is established outside the EU",
  role_change: "Was rebranded, changed substantially, or given another purpose",
  employer: "Is used by an employer at the workplace",
  public_authority: "Is used by a public authority",
  personal_data: "Processes personal data that call for an assessment (GDPR Art. 35)",
  post_remote_identification: "Identifies people afterwards for law enforcement",
  sector_regime: "A sector's own incident reporting applies, such as for devices",
  legal_or_similar_effect: "Its decisions have legal or similarly significant effect",
  in_service_before: "Was in service before the high-risk duties apply",
};
const DEVICE_WORDS: Record<Answers["device"], string> = { none: "No", device: "Yes", device_with_change_plan: "Yes, with a change plan authorised or sought" };

const fieldFor = (pointer: string): string | null => (pointer === "/rationale" ? "rationale" : pointer === "/answers/roles" ? "roles" : null);

function Many<T extends string>({ id, legend, words, value, onChange, two = false }: { id: string; legend: string; words: Readonly<Record<T, string>>; value: readonly T[]; onChange: (value: T[]) => void; two?: boolean }) {
  const options = Object.entries(words) as [T, string][];
  return (
    <fieldset id={id} tabIndex={-1}>
      <legend>{legend}</legend>
      <div className={two ? "two" : undefined}>
        {options.map(([option, text]) => (
          <label className="choice" key={option}>
            <input type="checkbox" checked={value.includes(option)} onChange={(event) => { onChange(event.target.checked ? [...value, option] : value.filter((one) => one !== option)); }} />
            <span>{text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

const optionsOf = (words: Readonly<Record<string, string>>) => Object.entries(words).map(([value, label]) => ({ value, label }));

/** The classifier's questions in the order in which the law decides. */
export function ClassificationForm({ view }: { view: ClassificationFormView }) {
  const [answers, setAnswers] = useState<Answers>(view.answers ?? EMPTY);
  const [rationale, setRationale] = useState("");
  const act = useGovernanceAct(`/api/v1/models/${encodeURIComponent(view.modelName)}/classification`);
  const set = (change: Partial<Answers>): void => { setAnswers({ ...answers, ...change }); };
  const eu = view.jurisdictions.includes("EU");
  const us = view.jurisdictions.includes("US");
  const uses = Object.fromEntries(view.uses.map(({ point, area, use, limit }) => [point, `${point} ${area}: ${use}${limit === null ? "" : ` (${limit})`}`]));
  const truths = { bank: "A banking organization uses it", policiesCiteSr117: "Its policies still cite SR 11-7", decidesUsCredit: "It takes part in decisions on credit of applicants (Regulation B)", electronicRecords: "Its records are kept under FDA rules (21 CFR Part 11)", followsNistAiRmf: "The organisation follows the NIST AI RMF" } as const;
  type Truth = keyof typeof truths;
  const held = (Object.keys(truths) as Truth[]).filter((name) => answers[name]);
  return (
    <form
      className="answers"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void act.send({ answers, rationale }).then((done) => { if (done) setRationale(""); });
      }}
    >
      <ApiProblemSummary problem={act.problem} fieldFor={fieldFor} />
      <Many id="roles" legend="What is your organisation to it?" words={ROLES} value={answers.roles} onChange={(roles) => { set({ roles }); }} two />
      {eu ? (
        <>
          <ChoiceGroup id="scope" legend="Is it used only for one of these?" name="scope" options={optionsOf(SCOPE)} value={answers.outOfScope} onChange={(value) => { set({ outOfScope: value as Answers["outOfScope"] }); }} />
          <Many id="prohibited" legend="Does it do any of this? (Art. 5)" words={Object.fromEntries(PROHIBITED.map((ban) => [ban, `(${ban}) ${PROHIBITED_WORDS[ban]}`])) as Record<(typeof PROHIBITED)[number], string>} value={answers.prohibited} onChange={(prohibited) => { set({ prohibited }); }} two />
          <ChoiceGroup id="annex-i" legend="Is it a product of Annex I, or a safety component of one?" name="annex-i" options={optionsOf(ANNEX_I_WORDS)} value={answers.annexI} onChange={(value) => { set({ annexI: value as Answers["annexI"] }); }} />
          <Many id="annex-iii" legend="Is it used for any of this? (Annex III)" words={uses} value={answers.annexIii} onChange={(annexIii) => { set({ annexIii }); }} two />
          {answers.annexIii.length === 0 ? null : (
            <>
              <Many id="profiles" legend="Does it profile natural persons?" words={{ yes: "Yes: there is no exit then" }} value={answers.profilesPersons ? ["yes"] : []} onChange={(value) => { set({ profilesPersons: value.length > 0 }); }} />
              <ChoiceGroup id="exit" legend="Which exit of Art. 6(3) is claimed?" name="exit" options={optionsOf(EXIT_WORDS)} value={answers.exemption} onChange={(value) => { set({ exemption: value as Answers["exemption"] }); }} />
            </>
          )}
          <Many id="transparency" legend="How does it meet people? (Art. 50)" words={MEETING} value={answers.transparency} onChange={(transparency) => { set({ transparency }); }} two />
          <Many id="traits" legend="Which of this is so?" words={TRAIT_WORDS} value={answers.traits} onChange={(traits) => { set({ traits }); }} two />
        </>
      ) : null}
      <ChoiceGroup id="device" legend="Is it a medical device?" name="device" options={optionsOf(DEVICE_WORDS)} value={answers.device} onChange={(value) => { set({ device: value as Answers["device"] }); }} />
      <Many
        id="truths"
        legend="What else is so?"
        words={us ? truths : { followsNistAiRmf: truths.followsNistAiRmf } as typeof truths}
        value={held}
        onChange={(value) => { set(Object.fromEntries((Object.keys(truths) as Truth[]).map((name) => [name, value.includes(name)]))); }}
        two
      />
      <Field id="rationale" label="Why" hint="Signed with your name; it stays in the record." error={fieldMessage(act.problem, "/rationale")} wide>
        <TextArea id="rationale" hinted rows={3} maxLength={2000} value={rationale} error={fieldMessage(act.problem, "/rationale")} onChange={(event) => { setRationale(event.target.value); }} />
      </Field>
      <div className="row">
        <Button type="submit" variant="primary" closed={act.pending}>{act.pending ? "Signing" : "Sign classification"}</Button>
      </div>
      <p role="status" className="small">{act.done ? "Classified. What binds the model is derived anew." : ""}</p>
    </form>
  );
}
