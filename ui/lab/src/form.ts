import { h, Words } from './dom';
import { Choices, Form, Property } from './server';

/** Asked for elsewhere in the panel, or set by it. */
const APART = ['workspace'];
/** Shown at once; the others under "More settings". */
const FIRST = ['data', 'as_of', 'period', 'seller'];
type Control = HTMLInputElement | HTMLSelectElement;

/** A template's parameters as controls, an error beside the one that has it. */
export class ParameterForm {
  readonly element: HTMLElement;
  private readonly controls = new Map<string, [Property, Control]>();
  private readonly faults = new Map<string, HTMLElement>();
  private readonly notes = new Map<string, HTMLElement>();

  constructor(form: Form, kept: Record<string, string>, t: Words, takeSelected: () => void) {
    const properties = Object.entries(form.schema?.properties ?? {}).filter(([name]) => !APART.includes(name));
    const needed = form.schema?.required ?? [];
    const row = ([name, one]: [string, Property]): HTMLElement => this.row(name, one, kept[name], needed.includes(name), t);
    const take = h(
      'button',
      { type: 'button', class: 'oppnb-button', 'data-do': 'take', 'data-focus': 'take', on: { click: takeSelected } },
      t('take_selected')
    );
    const isFirst = ([name]: [string, Property]): boolean => FIRST.includes(name) || needed.includes(name);
    const shown = properties.filter(isFirst).map(row); // in the order they stand there: the first fault gets the focus
    const rest = properties.filter(one => !isFirst(one)).map(row);
    const more = h('details', { class: 'oppnb-more' }, h('summary', { 'data-focus': 'more' }, t('more')), ...rest);
    this.element = h('div', { class: 'oppnb-form' }, ...shown, rest.length ? more : null);
    this.controls.get('data')?.[1].after(take);
  }

  /** The text of every field, as it stands there. */
  get texts(): Record<string, string> {
    return Object.fromEntries([...this.controls].map(([name, [, control]]) => [name, control.value]));
  }

  /** Whether it asks for what only the data knows. */
  get wantsChoices(): boolean {
    return ['seller', 'by', 'only'].some(name => this.controls.has(name));
  }

  /** Sellers, columns and slices of the export, to choose from while typing. */
  offer({ sellers, columns, slices }: Choices): void {
    const seller = Object.entries(sellers).map(([id, name]) => h('option', { value: id }, name));
    const by = columns.map(name => h('option', { value: name }));
    const only = slices.map(one => h('option', { value: one }));
    this.controls.get('only')?.[1].setAttribute('placeholder', slices[0] ?? '');
    Object.entries({ seller, by, only }).forEach(([name, options]) => {
      const control = this.controls.get(name)?.[1];
      if (control) {
        const list = h('datalist', { id: `oppnb-choices-${name}` }, ...options);
        control.parentElement?.querySelector('datalist')?.remove();
        control.setAttribute('list', list.id);
        control.after(list);
      }
    });
  }

  /** What was filled in; what was left empty is not there. */
  get values(): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    this.controls.forEach(([property, control], name) => {
      if (control.value.trim() !== '') {
        found[name] = read(property, control.value.trim());
      }
    });
    return found;
  }

  /** What the browser could not read: a day that is half typed, a number that is none. */
  unread(t: Words): Record<string, string> {
    const found: Record<string, string> = {};
    this.controls.forEach(([property, control], name) => {
      if (control.validity.badInput) {
        found[name] = t(property.format === 'date' ? 'bad_date' : 'bad_number');
      }
    });
    return found;
  }

  set(name: string, value: string): void {
    const found = this.controls.get(name);
    if (found) {
      found[1].value = value;
    }
  }

  /** Show errors beside their fields, and go to the first; notes are told there, too, and stop nothing. */
  show(errors: Record<string, string>, notes: Record<string, string> = {}): void {
    this.notes.forEach((place, name) => {
      place.textContent = notes[name] ?? '';
      place.hidden = !notes[name];
    });
    let first: Control | null = null;
    this.controls.forEach(([, control], name) => {
      const said = errors[name] ?? '';
      const place = this.faults.get(name);
      control.setAttribute('aria-invalid', String(said !== ''));
      if (place) {
        place.textContent = said;
        place.hidden = said === '';
      }
      first ??= said ? control : null;
    });
    const place = first as Control | null;
    place?.closest('details')?.setAttribute('open', '');
    place?.focus();
  }

  private clear(name: string): void {
    const fault = this.faults.get(name);
    this.notes.get(name)?.setAttribute('hidden', '');
    this.controls.get(name)?.[1].removeAttribute('aria-invalid');
    if (fault) {
      fault.hidden = true;
    }
  }

  private row(name: string, property: Property, kept: string | undefined, needed: boolean, t: Words): HTMLElement {
    const id = `oppnb-field-${name}`;
    const control = makeControl(property, kept ?? property.default, t);
    control.id = id;
    control.dataset.focus = id;
    control.setAttribute('aria-describedby', `${id}-help ${id}-fault ${id}-note`);
    if (needed) {
      control.setAttribute('aria-required', 'true');
    }
    const fault = h('p', { class: 'oppnb-fault', id: `${id}-fault`, role: 'alert', hidden: true });
    this.controls.set(name, [property, control]);
    const note = h('p', { class: 'oppnb-note', id: `${id}-note`, role: 'status', hidden: true });
    this.faults.set(name, fault);
    this.notes.set(name, note);
    control.addEventListener('input', () => this.clear(name));
    const label = h('label', { for: id }, property.title, needed ? h('span', { 'aria-hidden': 'true' }, ' *') : null);
    return h('div', { class: 'oppnb-row' }, label, control, h('p', { class: 'oppnb-help', id: `${id}-help` }, property.description), fault, note);
  }
}

function makeControl(property: Property, value: unknown, t: Words): Control {
  const choices = property.type === 'boolean' ? ['true', 'false'] : property.enum;
  if (choices) {
    const names = property.type === 'boolean' ? choices.map(one => t(one)) : choices;
    const empty = property.nullable ? [h('option', { value: '' }, t('not_set'))] : [];
    const select = h('select', {}, ...empty, ...choices.map((one, place) => h('option', { value: one }, names[place])));
    select.value = value === undefined || value === null ? (empty.length ? '' : choices[0] ?? '') : String(value);
    return select;
  }
  const kind = property.format === 'date' ? 'date' : ['integer', 'number'].includes(property.type) ? 'number' : 'text';
  const input = h('input', { type: kind, autocomplete: 'off', spellcheck: 'false', step: property.type === 'number' ? 'any' : null });
  input.value = value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
  return input;
}

function read(property: Property, text: string): unknown {
  if (property.type === 'integer' || property.type === 'number') {
    return Number(text);
  }
  return property.type === 'boolean' ? text === 'true' : text;
}
