import { h, refill, Words } from './dom';
import { Compared, Job, server } from './server';
import { sparkline } from './spark';

const SOON = 700;
const LATER = 5000;

export interface Doors {
  open: (path: string) => void;
  fail: (error: unknown) => void;
}

/** The reports made here, the latest first; looks again by itself, sooner while one is running. */
export class JobList {
  readonly element = h('section', { class: 'oppnb-jobs' });
  private readonly list = h('ul', { class: 'oppnb-list' });
  private readonly lost = h('p', { class: 'oppnb-fault', role: 'alert', hidden: true });
  private readonly spoken = h('p', { class: 'oppnb-spoken', role: 'status', 'aria-live': 'polite' });
  private readonly comparisons = new Map<string, Compared>();
  private jobs: Job[] = [];
  private timer = 0;
  private round = 0;
  private drawn = '';

  constructor(
    private readonly t: Words,
    private readonly doors: Doors,
    private readonly language: string
  ) {
    this.element.append(h('h3', {}, t('jobs')), this.lost, this.list, this.spoken);
  }

  /** Look now, and go on looking until `stop`. */
  async look(): Promise<void> {
    this.stop();
    const round = this.round;
    try {
      const { jobs } = await server.jobs();
      if (round !== this.round) {
        return;
      }
      const before = new Map(this.jobs.map(job => [job.id, job.state]));
      this.jobs = jobs;
      this.lost.hidden = true;
      this.jobs.filter(job => before.has(job.id) && before.get(job.id) !== job.state).forEach(job => this.say(job));
      this.draw();
    } catch {
      if (round !== this.round) {
        return;
      }
      this.lost.hidden = false;
      this.lost.textContent = this.t('lost');
    }
    const waits = this.jobs.some(job => job.state === 'queued' || job.state === 'running');
    this.timer = window.setTimeout(() => void this.look(), waits ? SOON : LATER);
  }

  /** No more looks; what one under way brings is not taken. */
  stop(): void {
    this.round += 1;
    window.clearTimeout(this.timer);
  }

  private say(job: Job): void {
    this.spoken.textContent = `${job.title}: ${this.t(`state_${job.state}`)}`;
  }

  private draw(): void {
    const now = JSON.stringify([this.jobs, [...this.comparisons.keys()]]);
    if (now === this.drawn) {
      return;
    }
    this.drawn = now;
    const none = this.jobs.length ? null : h('li', { class: 'oppnb-help' }, this.t('no_jobs'));
    refill(this.list, none, ...this.jobs.map(job => this.item(job)));
  }

  private item(job: Job): HTMLElement {
    const state = h('span', { class: `oppnb-state oppnb-${job.state}` }, this.t(`state_${job.state}`));
    const when = new Date(job.created_at).toLocaleString(this.language);
    const day = job.as_of ? this.t('as_of', { day: job.as_of }) : null;
    const told = [job.workspace, day, when].filter(Boolean).join(' · ');
    return h(
      'li',
      { 'data-job': job.id, 'data-state': job.state },
      h('div', { class: 'oppnb-head' }, h('strong', {}, job.title), state),
      h('p', { class: 'oppnb-help' }, told),
      this.progress(job),
      job.said ? h('p', { class: 'oppnb-fault' }, job.said) : null,
      job.is_replaced ? h('p', { class: 'oppnb-help' }, this.t('replaced')) : null,
      this.figures(job),
      this.buttons(job),
      this.compared(job)
    );
  }

  private progress(job: Job): HTMLElement | null {
    if (job.state !== 'running' && job.state !== 'queued') {
      return null;
    }
    const words = this.t('cells', { done: job.done ?? 0, total: job.total ?? 0 });
    const share = job.total ? (job.done ?? 0) / job.total : null;
    const bar = h('progress', { max: 1, value: share, 'aria-label': words });
    return h('div', { class: 'oppnb-progress' }, bar, h('span', { class: 'oppnb-help' }, job.total ? words : ''));
  }

  private figures(job: Job): HTMLElement | null {
    if (!job.figures.length) {
      return null;
    }
    const rows = job.figures.map(one => {
      const seen = (job.trends?.[one.id] ?? []).map(point => point.value);
      const drawing = sparkline(seen, one.label);
      return h('div', {}, h('dt', {}, one.label), h('dd', {}, one.text, drawing));
    });
    return h('dl', { class: 'oppnb-figures' }, ...rows);
  }

  private buttons(job: Job): HTMLElement {
    const before = job.earlier;
    const waits = job.state === 'queued' || job.state === 'running';
    const { report_html: page, report_ipynb: notebook } = job;
    return h(
      'div',
      { class: 'oppnb-buttons' },
      waits ? this.button(job, 'cancel', () => server.cancel(job.id)) : null,
      page ? this.button(job, 'open', () => this.doors.open(page)) : null,
      notebook ? this.button(job, 'open_notebook', () => this.doors.open(notebook)) : null,
      waits ? null : this.button(job, 'again', () => server.again(job.id)),
      before ? this.button(job, 'compare', () => this.compare(before, job)) : null
    );
  }

  private button(job: Job, key: string, act: () => unknown): HTMLElement {
    const click = async (): Promise<void> => {
      try {
        await act();
      } catch (error) {
        this.doors.fail(error);
      }
      await this.look();
    };
    const props = { type: 'button', class: 'oppnb-button', 'data-focus': `${key}-${job.id}`, 'data-do': key };
    return h('button', { ...props, 'aria-label': `${this.t(key)}: ${job.title}`, on: { click: () => void click() } }, this.t(key));
  }

  private async compare(before: string, job: Job): Promise<void> {
    this.comparisons.set(job.id, await server.compare(before, job.id));
  }

  private compared(job: Job): HTMLElement | null {
    const found = this.comparisons.get(job.id);
    if (!found) {
      return null;
    }
    const causes = found.causes.map(cause => this.t(`cause_${cause}`)).join(', ') || this.t('no_cause');
    if (!found.n) {
      return h('p', { class: 'oppnb-help' }, this.t('same_figures'));
    }
    const head = h('tr', {}, ...['figure', 'before', 'after'].map(key => h('th', { scope: 'col' }, this.t(key))));
    const rows = found.changes.map(one => h('tr', {}, h('td', {}, one.figure), h('td', {}, plain(one.before)), h('td', {}, plain(one.after))));
    const summary = h('summary', { 'data-focus': `compared-${job.id}` }, this.t('compared', { n: found.n }));
    const table = h('table', {}, h('thead', {}, head), h('tbody', {}, ...rows));
    return h('details', { open: true }, summary, h('p', { class: 'oppnb-help' }, this.t('causes', { causes })), h('div', { class: 'oppnb-scroll', tabindex: 0 }, table));
  }
}

function plain(value: unknown): string {
  return typeof value === 'number' ? value.toLocaleString() : value === null || value === undefined ? '–' : String(value);
}
