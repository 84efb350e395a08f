/**
 * Performance without labels: confidence-based performance estimation (CBPE, NannyML), from score bins only, so that it adds up over runtimes and windows.
 * It says what performance would be if the scores still meant what they meant when they were calibrated; it cannot see that the relation of
 * input and truth has changed. So it is always shown with its assumptions.
 */

/** One bin of the score of the positive class: predictions in it, and the calibrated chance that one of them is positive. */
export type CalibratedBin = {
  readonly score: number;
  readonly predictions: number;
  readonly chance: number;
};

export type EstimatedPerformance = {
  readonly predictions: number;
  readonly accuracy: number;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly f1: number | null;
  readonly rocAuc: number | null;
  /** Three standard errors of the accuracy: sampling alone moves the measured value by this much. */
  readonly band: number;
};

const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);

/**
 * Expected confusion matrix of predictions `score >= threshold`: a positive prediction of chance p is a true one with p and a false one with 1 - p.
 * Bins in rising order of score. Null without predictions.
 */
export function estimatePerformance(bins: readonly CalibratedBin[], threshold = 0.5): EstimatedPerformance | null {
  let [tp, fp, fn, tn, variance] = [0, 0, 0, 0, 0];
  let [below, positives, negatives] = [0, 0, 0];
  for (const { score, predictions: n, chance: p } of bins) {
    const [hit, miss] = [n * p, n * (1 - p)];
    if (score >= threshold) {
      tp += hit;
      fp += miss;
    } else {
      fn += hit;
      tn += miss;
    }
    variance += n * p * (1 - p);
    below += hit * (negatives + miss / 2);
    positives += hit;
    negatives += miss;
  }
  const all = tp + fp + fn + tn;
  if (all === 0) return null;
  return {
    predictions: all,
    accuracy: (tp + tn) / all,
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    f1: share(2 * tp, 2 * tp + fp + fn),
    rocAuc: share(below, positives * negatives),
    band: (3 * Math.sqrt(variance)) / all,
  };
}

/**
 * Calibrated chance of each bin from labelled predictions: pool adjacent violators (isotonic regression), because a higher score must not mean a lower chance.
 * A bin without labels takes its score where the calibration knows nothing, else the chance of its neighbour below.
 */
export function calibrate(bins: readonly { readonly score: number; readonly positives: number; readonly labels: number }[]): readonly number[] {
  type Block = { positives: number; labels: number; bins: number };
  const blocks: Block[] = [];
  for (const bin of bins) {
    if (bin.labels === 0) {
      const last = blocks.at(-1);
      if (last) last.bins += 1;
      else blocks.push({ positives: 0, labels: 0, bins: 1 });
      continue;
    }
    let block: Block = { positives: bin.positives, labels: bin.labels, bins: 1 };
    for (;;) {
      const last = blocks.at(-1);
      if (last === undefined || last.labels === 0 || last.positives / last.labels <= block.positives / block.labels) break;
      blocks.pop();
      block = {
        positives: last.positives + block.positives,
        labels: last.labels + block.labels,
        bins: last.bins + block.bins,
      };
    }
    blocks.push(block);
  }
  const chances: number[] = [];
  for (const { positives, labels, bins: length } of blocks) {
    for (let step = 0; step < length; step += 1) {
      chances.push(labels > 0 ? positives / labels : (bins[chances.length]?.score ?? 0.5));
    }
  }
  return chances;
}

/** Whether measured and estimated accuracy differ by more than chance: then the meaning of the scores has changed. */
export function hasConceptChanged(estimated: EstimatedPerformance, correct: number, labels: number): boolean {
  if (labels === 0) return false;
  const measured = correct / labels;
  const error = Math.sqrt(Math.max(measured * (1 - measured), 1 / labels) / labels);
  return Math.abs(measured - estimated.accuracy) > 3 * error + estimated.band;
}
