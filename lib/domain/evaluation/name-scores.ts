/** Which score of a row belongs to which class, when only the order of the scores is known. */

const isWhole = (name: string): boolean => /^(0|[1-9]\d{0,5})$/.test(name);

/** Class names in the order that training libraries number them: numbers by value, else by their letters. */
export function sortClasses(names: Iterable<string>): string[] {
  const all = [...names];
  const areNumbers = all.every((name) => name.trim() !== "" && Number.isFinite(Number(name)));
  return all.sort(areNumbers ? (a, b) => Number(a) - Number(b) : (a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** A model that answers its own largest score this often is taken to mean it; ties and rounding make up the rest. */
const AGREEMENT = 0.99;

/**
 * The class of each score column, or null when it cannot be told: the classes in sorted order, the numbers from 0, or as the answers
 * themselves show it, whichever agrees with what was answered. `largest` is the place of each row's largest score, `answered` its class.
 */
export function nameScores(width: number, seen: readonly string[], largest: readonly number[], answered: readonly (string | null)[]): string[] | null {
  const agrees = (names: readonly string[]): boolean => {
    let [same, all] = [0, 0];
    largest.forEach((place, row) => {
      const said = answered[row] ?? null;
      if (said === null || place < 0) return;
      all += 1;
      if (names[place] === said) same += 1;
    });
    return all === 0 || same / all >= AGREEMENT;
  };
  const candidates: string[][] = [];
  if (seen.length === width) candidates.push(sortClasses(seen));
  if (seen.every((name) => isWhole(name) && Number(name) < width)) candidates.push(Array.from({ length: width }, (_, place) => String(place)));
  const shown = shownNames(width, seen, largest, answered);
  if (shown !== null) candidates.push(shown);
  return candidates.find(agrees) ?? null;
}

/** The class that rows with their largest score in each place were mostly answered with; one class that is left over goes to one place that is. */
function shownNames(width: number, seen: readonly string[], largest: readonly number[], answered: readonly (string | null)[]): string[] | null {
  const counts = Array.from({ length: width }, () => new Map<string, number>());
  largest.forEach((place, row) => {
    const said = answered[row] ?? null;
    if (said !== null) counts[place]?.set(said, (counts[place].get(said) ?? 0) + 1);
  });
  const names = counts.map((own) => [...own].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null);
  const left = seen.filter((name) => !names.includes(name));
  const open = names.filter((name) => name === null).length;
  // Classes that are left over when every place has one are classes that the model does not know.
  if (open > 1 || (open === 1 && left.length !== 1)) return null;
  const whole = names.map((name) => name ?? left[0] ?? "");
  return new Set(whole).size === width ? whole : null;
}
