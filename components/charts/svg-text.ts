const KEPT = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "opacity",
  "paint-order",
  "font-family",
  "font-size",
  "font-weight",
  "letter-spacing",
  "text-anchor",
] as const;

/** A drawn chart as a file of its own: the colours of the present theme and the hatches are written into it. */
export function svgText(holderId: string): string {
  const svg = document.querySelector(`#${CSS.escape(holderId)} > svg`);
  if (!(svg instanceof SVGSVGElement)) return "";
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) return "";
  const drawn = [svg, ...svg.querySelectorAll("*")];
  const written = [copy, ...copy.querySelectorAll("*")];
  drawn.forEach((element, index) => {
    const target = written[index];
    if (target) freeze(element, target);
  });
  const defs = document.querySelector("svg.defs > defs");
  if (defs) {
    const patterns = defs.cloneNode(true);
    if (patterns instanceof Element) {
      const sources = [...defs.querySelectorAll("*")];
      [...patterns.querySelectorAll("*")].forEach((element, index) => {
        const source = sources[index];
        if (source) freeze(source, element);
      });
      copy.prepend(patterns);
    }
  }
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

function freeze(from: Element, to: Element): void {
  const style = getComputedStyle(from);
  for (const name of KEPT) {
    const value = style.getPropertyValue(name);
    if (value !== "" && !value.startsWith("url(")) to.setAttribute(name, value);
  }
  to.removeAttribute("class");
}
