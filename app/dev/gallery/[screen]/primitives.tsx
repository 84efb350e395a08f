import { Banner } from "#components/ui/banner.tsx";
import { Button } from "#components/ui/button.tsx";
import { CodeBlock } from "#components/ui/code-block.tsx";
import { Digest } from "#components/ui/digest.tsx";
import { EmptyState } from "#components/ui/empty-state.tsx";
import { Facts } from "#components/ui/facts.tsx";
import { Field, TextInput } from "#components/ui/field.tsx";
import { KeyHints } from "#components/ui/keys.tsx";
import { Section } from "#components/ui/section.tsx";
import { Status } from "#components/ui/status.tsx";
import { Tag } from "#components/ui/tag.tsx";
import { RatioGauge } from "#components/charts/ratio-gauge.tsx";
import { Sparkline } from "#components/charts/sparkline.tsx";
import { RELEASE_LABELS } from "#lib/domain/release/labels.ts";

/** Every primitive once, with the states that are easily forgotten. */
export function Primitives() {
  return (
    <>
      <h1>
        Primitives <Tag>Development</Tag>
      </h1>
      <Section id="statuses" title="Status">
        <div className="status-grid">
          {Object.entries(RELEASE_LABELS).map(([state, label]) => (
            <Status key={state} shape={label.shape}>
              {label.word}
            </Status>
          ))}
        </div>
      </Section>
      <Section id="buttons" title="Button">
        <div className="chips">
          <Button variant="primary">Promote now</Button>
          <Button>Hold</Button>
          <Button variant="danger">Roll back to 3.1.4</Button>
          <Button variant="danger-solid">Roll back to 3.1.4</Button>
          <Button variant="quiet">Export record</Button>
          <Button closed>Promote now</Button>
          <Button small>Small</Button>
        </div>
      </Section>
      <Section id="fields" title="Field">
        <Field id="g1" label="Intended use" hint="One sentence, shown to every reviewer.">
          <TextInput id="g1" hinted defaultValue="Order chest studies by urgency" />
        </Field>
        <Field id="g2" label="Reason" error="4 of at least 10 characters. Say what you saw.">
          <TextInput id="g2" error="4 of at least 10 characters." defaultValue="slow" />
        </Field>
      </Section>
      <Section id="gauges" title="Gauge">
        <div className="gauges">
          <RatioGauge
            name="Within"
            band={{ estimate: 0.8, low: 0.6, high: 1.2 }}
            limits={{ upper: 2, lower: null }}
          />
          <RatioGauge
            name="Undecided"
            band={{ estimate: 1.6, low: 1.1, high: 2.4 }}
            limits={{ upper: 2, lower: null }}
          />
          <RatioGauge
            name="Past"
            band={{ estimate: 8, low: 4, high: 17 }}
            limits={{ upper: 2, lower: null }}
          />
          <RatioGauge
            name="No data"
            band={{ estimate: null, low: null, high: null }}
            limits={{ upper: 1.25, lower: 0.8 }}
          />
        </div>
        <Sparkline
          values={[3, 4, 3.5, 5, 8, 6, 5]}
          summary="Requests per second over seven hours: first 3, last 5, highest 8."
        />
      </Section>
      <Section id="rest" title="Banner, facts, code, empty state, keys">
        <Banner tone="holding" mark="warn">
          <b>Stale since 14:02:11 GMT.</b> Numbers below are the last ones seen.
        </Banner>
        <Facts
          facts={[
            { label: "Artifact", value: <Digest value={`sha256:${"c27d90e4".repeat(8)}`} /> },
            { label: "Risk tier", value: "High" },
          ]}
        />
        <CodeBlock title="curl" code="curl http://127.0.0.1:8080/v2/health/ready" />
        <EmptyState
          heading="h3"
          title="No release has run on staging"
          action={<Button variant="primary">Make a release</Button>}
          command="npm run slipway -- release start"
        >
          You will see each release here with its plan, its guards and its record.
        </EmptyState>
        <KeyHints
          hints={[
            { keys: ["g", "i"], does: "inbox" },
            { keys: ["?"], does: "all keys" },
          ]}
        />
      </Section>
    </>
  );
}
