import { h, Words } from './dom';
import { Compared, Job, server } from './server';

/** Two reports side by side, the earlier day first. */
export class Comparison {
  readonly element = h('section', { class: 'oppnb-compared', hidden: true, 'aria-live': 'polite' });
  private round = 0;

  constructor(
    private readonly t: Words,
    private readonly language: string,
    private readonly onClose: () => void
  ) {}

  async show(one: Job, other: Job): Promise<void> {
    const day = (job: Job): string => `${job.as_of ?? ''} ${job.id}`;
    const [first, second] = day(one) <= day(other) ? [one, other] : [other, one];
    this.round += 1;
    const round = this.round;
    const found = await server.compare(first.id, second.id);
    if (round === this.round) {
      this.draw(first, second, found);
    }
  }

  hide(): void {
    this.round += 1;
    this.element.hidden = true;
  }

  private draw(first: Job, second: Job, found: Compared): void {
    const { t } = this;
    const names = apart(first, second, this.language);
    const title = h('h4', { tabindex: -1 }, t('compare_these', { first: names[0], second: names[1] }));
    const close = h('button', { type: 'button', class: 'oppnb-button', 'data-do': 'close', on: { click: this.onClose } }, t('close'));
    const causes = found.causes.map(cause => t(`cause_${cause}`)).join(', ') || t('no_cause');
    const told = found.n ? [t('compared', { n: found.n }), t('causes', { causes })] : [t('same_figures')];
    const more = found.n - found.changes.length;
    const rest = [more > 0 && t('compared_more', { n: more }), found.n_alike > 0 && t('compared_alike', { n: found.n_alike })];
    this.element.hidden = false;
    this.element.replaceChildren(
      title,
      ...told.map(text => h('p', { class: 'oppnb-help' }, text)),
      ...(found.n ? [table(found, t)] : []),
      ...rest.map(text => (text ? h('p', { class: 'oppnb-help' }, text) : '')),
      h('div', { class: 'oppnb-buttons' }, close)
    );
    title.focus();
    this.element.scrollIntoView({ block: 'nearest' });
  }
}

/** Two reports by that alone in which they differ. */
function apart(first: Job, second: Job, language: string): [string, string] {
  const parts = (job: Job): (string | null)[] => [job.title, job.workspace, job.as_of, job.about.join(' · '), new Date(job.created_at).toLocaleString(language)];
  const [one, other] = [parts(first), parts(second)];
  const places = [0, 1, 2, 3].filter(place => one[place] !== other[place]);
  const told = (all: (string | null)[]): string => (places.length ? places : [4]).map(place => all[place] ?? '–').join(' · ');
  return [told(one), told(other)];
}

/** Each figure's name is a line of its own, for the panel is narrow; its two values and their difference stand below it. */
function table(found: Compared, t: Words): HTMLElement {
  const head = h('tr', {}, ...['before', 'after', 'difference'].map(key => h('th', { scope: 'col' }, t(key))));
  const figures = found.changes.map(one => {
    const values = [one.before_text, one.after_text, one.difference_text].map(text => h('td', {}, text));
    return h('tbody', {}, h('tr', {}, h('th', { scope: 'rowgroup', colspan: 3 }, one.label)), h('tr', {}, ...values));
  });
  return h('div', { class: 'oppnb-scroll', tabindex: 0 }, h('table', {}, h('thead', {}, head), ...figures));
}
