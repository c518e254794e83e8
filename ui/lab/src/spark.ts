const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 96;
const HEIGHT = 24;
const MARGIN = 3;

/** A line through values, the earliest first, the latest as a dot; null with fewer than two. */
export function sparkline(values: number[], label: string): SVGElement | null {
  if (values.length < 2) {
    return null;
  }
  const low = Math.min(...values);
  const span = Math.max(...values) - low || 1;
  const points = values.map((value, place): [number, number] => [
    MARGIN + (place / (values.length - 1)) * (WIDTH - 2 * MARGIN),
    HEIGHT - MARGIN - ((value - low) / span) * (HEIGHT - 2 * MARGIN)
  ]);
  const drawn = make('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label, class: 'oppnb-spark' });
  const last = points[points.length - 1] ?? [0, 0];
  drawn.append(make('polyline', { points: points.map(point => point.join(',')).join(' ') }));
  drawn.append(make('circle', { cx: last[0], cy: last[1], r: 2.4 }));
  return drawn;
}

function make(tag: string, given: Record<string, string | number>): SVGElement {
  const element = document.createElementNS(SVG, tag) as SVGElement;
  Object.entries(given).forEach(([name, value]) => element.setAttribute(name, String(value)));
  return element;
}
