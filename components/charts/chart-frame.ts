/** Two drawings of each chart, one for wide and one for narrow pages; neither is ever scaled to the other. */
export type ChartSize = "wide" | "narrow";

export type Frame = {
  readonly width: number;
  readonly height: number;
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly timeLabels: number;
};

export const ratioFrames: Readonly<Record<ChartSize, Frame>> = {
  wide: { width: 596, height: 248, x0: 46, x1: 492, y0: 44, y1: 222, timeLabels: 7 },
  narrow: { width: 352, height: 230, x0: 40, x1: 254, y0: 44, y1: 204, timeLabels: 4 },
};

export const armsFrames: Readonly<Record<ChartSize, Frame>> = {
  wide: { width: 397, height: 248, x0: 42, x1: 293, y0: 44, y1: 222, timeLabels: 4 },
  narrow: { width: 352, height: 200, x0: 40, x1: 260, y0: 44, y1: 174, timeLabels: 4 },
};

/** A step's column: from its start to its end, or to the last moment shown. */
export type StepColumn = {
  readonly index: number;
  readonly weightBp: number;
  readonly fromMs: number;
  readonly toMs: number;
};
export type Flag = { readonly flag: number; readonly atMs: number };
