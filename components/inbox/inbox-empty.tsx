import type { InboxView } from "#lib/contracts/views/inbox-view.ts";
import { ButtonLink } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";

/** Teaches the next act that is still missing: a model, an endpoint, a release. Says little once all exist. */
export function InboxEmpty({ view }: { view: InboxView }) {
  const { has } = view;
  if (!has.models) {
    return (
      <EmptyState
        title="No model is registered yet"
        action={
          <ButtonLink href="/models/new" variant="primary">
            Register a model
          </ButtonLink>
        }
        command="npm run slipway -- register model.onnx --model my-model"
      >
        You will find here whatever waits for you: approvals, held releases, reasons that are owed.
        Start with a model file of your own.
      </EmptyState>
    );
  }
  if (!has.endpoints) {
    return (
      <EmptyState
        title="No endpoint serves a model yet"
        action={
          <ButtonLink href="/endpoints" variant="primary">
            Make an endpoint
          </ButtonLink>
        }
      >
        A version answers requests once an endpoint has it as stable. After that, every change of
        version is a release and waits here for you.
      </EmptyState>
    );
  }
  if (!has.releases) {
    return (
      <EmptyState
        title="No release has run yet"
        action={
          <ButtonLink href="/releases/new" variant="primary">
            Make a release
          </ButtonLink>
        }
        command="npm run slipway -- release start --help"
      >
        A release moves an endpoint to another version by a plan, and shows here when it needs a
        person.
      </EmptyState>
    );
  }
  return (
    <p className="small inbox-calm">
      Approvals, held releases and owed reasons appear here when they are yours to settle.
    </p>
  );
}
