import { figure, classWords, signalWord, worstSignal } from "#lib/client/monitoring-words.ts";
import type { SignalRow } from "#lib/contracts/views/monitoring-view.ts";
import { signalClasses } from "#lib/domain/drift/alert-rules.ts";
import { Status } from "../ui/status.tsx";

/** The three classes side by side, each with its worst state and every signal in it. */
export function SignalClasses({ signals }: { signals: readonly SignalRow[] }) {
  return (
    <div className="classes">
      {signalClasses.map((name) => {
        const own = signals.filter(({ signalClass }) => signalClass === name);
        const worst = worstSignal(own);
        const word = worst === null ? ({ shape: "no-data", word: "Nothing judged" } as const) : signalWord(worst);
        return (
          <section key={name} aria-labelledby={`class-${name}`}>
            <h2 id={`class-${name}`}>
              {classWords[name]} <Status shape={word.shape}>{word.word}</Status>
            </h2>
            {own.map((signal) => (
              <Signal key={signal.key} signal={signal} />
            ))}
          </section>
        );
      })}
    </div>
  );
}

function Signal({ signal }: { signal: SignalRow }) {
  const { shape, word } = signalWord(signal);
  const limit = signal.limit === null ? null : `${signal.above ? "limit" : "floor"} ${figure(signal.unit, signal.limit)}`;
  const said = signal.value === null || signal.subjects.length > 0 || signal.state !== "OK" ? signal.sentence : null;
  return (
    <div className="obs">
      <span className="name">{signal.title}</span>
      <span className="val">{signal.value === null ? <span className="muted">none</span> : figure(signal.unit, signal.value)}</span>
      <span className="ref">{[limit, said].filter((part) => part !== null).join("; ")}</span>
      <Status shape={shape}>{word}</Status>
    </div>
  );
}
