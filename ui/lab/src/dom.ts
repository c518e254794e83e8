type Child = Node | string | null | undefined | false;
type Listener = (event: Event) => void;

interface Props {
  on?: Record<string, Listener>;
  [name: string]: unknown;
}

/** An element; strings become text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) {
      continue;
    }
    if (name === 'on') {
      Object.entries(value as Record<string, Listener>).forEach(([event, told]) => element.addEventListener(event, told));
    } else {
      element.setAttribute(name, value === true ? '' : String(value));
    }
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** Words of the catalogue, with `{name}` filled in. */
export type Words = (key: string, values?: Record<string, string | number>) => string;

export function translator(texts: Record<string, string>): Words {
  return (key, values = {}) => (texts[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** Put other children into a box; what had the focus (by `data-focus`) has it again. */
export function refill(box: HTMLElement, ...children: Child[]): void {
  const held = box.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const key = held?.dataset.focus;
  box.replaceChildren(...children.filter((child): child is Node | string => Boolean(child)));
  if (key) {
    const again = [...box.querySelectorAll<HTMLElement>('[data-focus]')].find(one => one.dataset.focus === key);
    again?.focus({ preventScroll: true });
  }
}
