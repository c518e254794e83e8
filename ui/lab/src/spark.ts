const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 96;
const HEIGHT = 24;
const MARGIN = 3;
/** A figure that moves by less than this share of itself does not fill the height: a small step looks small. */
const LEAST_REACH = 0.2;

/** A line through values, the earliest first, the latest as a dot; null with fewer than two. */
export function sparkline(values: number[], label: string): SVGElement | null {
  if (values.length < 2) {
    return null;
  }
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const reach = Math.max(high - low, LEAST_REACH * Math.max(Math.abs(low), Math.abs(high))) || 1;
  const middle = (low + high) / 2;
  const points = values.map((value, place): [number, number] => [
    MARGIN + (place / (values.length - 1)) * (WIDTH - 2 * MARGIN),
    HEIGHT / 2 - ((value - middle) / reach) * (HEIGHT - 2 * MARGIN)
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
