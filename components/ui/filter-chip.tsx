"use client";

export type FilterChipProps = {
  readonly label: string;
  readonly count?: number;
  readonly pressed: boolean;
  readonly onPress: () => void;
};

/** A filter that is on or off, with how many it holds. */
export function FilterChip({ label, count, pressed, onPress }: FilterChipProps) {
  return (
    <button type="button" className="chip" aria-pressed={pressed} onClick={onPress}>
      {label} {count === undefined ? null : <b>{count}</b>}
    </button>
  );
}
