"use client";

export type NumberCellProps = {
  label: string;
  value: number;
  step: number | "any";
  min?: number;
  max: number;
  onValue: (value: number) => void;
};

/** A number in a table of a plan; what is no number within the bounds is not taken over. */
export function NumberCell({ label, value, step, min = 0, max, onValue }: NumberCellProps) {
  return (
    <input
      className="input number-cell"
      type="number"
      inputMode="decimal"
      aria-label={label}
      min={min}
      max={max}
      step={step}
      value={Number((step === "any" ? value : Math.round(value * 100) / 100).toPrecision(12))}
      onChange={(event) => {
        const next = event.target.valueAsNumber;
        if (Number.isFinite(next) && next >= min && next <= max) onValue(next);
      }}
    />
  );
}
