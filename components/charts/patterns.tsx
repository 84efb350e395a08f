/** Hatches of band and past-limit region. Once a document, inside the themed body: patterns take colour from where they stand. */
export function ChartPatterns() {
  return (
    <svg className="defs" aria-hidden="true">
      <defs>
        <pattern
          id="hatch"
          width="6"
          height="6"
          patternUnits="userSpaceOnUse"
          patternTransform="rotate(45)"
        >
          <path d="M0 0v6" className="h-band" />
        </pattern>
        <pattern id="past" width="12" height="12" patternUnits="userSpaceOnUse">
          <path d="M0 12 12 0M0 0l12 12" className="h-past" />
        </pattern>
      </defs>
    </svg>
  );
}
