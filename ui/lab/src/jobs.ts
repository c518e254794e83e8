import { alertsOf } from './alerts';
import { Comparison } from './compare';
import { h, refill, Words } from './dom';
import { Job, Refused, server } from './server';
import { sparkline } from './spark';

const SOON = 700;
const LATER = 5000;

/** A reason longer than this is folded. */
const LONG = 240;

export interface Doors {
  open: (path: string) => void;
  /** A report was made anew. */
  renew: (path: string) => void;
  start: (kind: string, given: Record<string, string>) => Promise<string>;
  fail: (error: unknown) => void;
  /** The server answers. */
  back: () => void;
}

/** The reports made here, the latest first; looks again by itself, sooner while one is running. */
export class JobList {
  readonly element = h('section', { class: 'oppnb-jobs' });
  private readonly list = h('ul', { class: 'oppnb-list' });
  private readonly lost = h('p', { class: 'oppnb-fault', role: 'alert', hidden: true });
  private readonly spoken = h('p', { class: 'oppnb-spoken', role: 'status', 'aria-live': 'polite' });
  private readonly hint = h('p', { class: 'oppnb-help', hidden: true });
  private readonly comparison: Comparison;
  private readonly opened = new Set<string>();
  /** What the server refused, by the job whose button was pressed. */
  private readonly refused = new Map<string, string>();
  private ticked: string[] = [];
  private jobs: Job[] = [];
  private timer = 0;
  private round = 0;
  private drawn = '';

  constructor(
    private readonly t: Words,
    private readonly doors: Doors,
    private readonly language: string
  ) {
    this.comparison = new Comparison(t, language, () => void this.tick([]));
    this.hint.textContent = t('compare_hint');
    this.element.append(h('h3', {}, t('jobs')), this.lost, this.hint, this.comparison.element, this.list, this.spoken);
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
      this.doors.back();
      const changed = this.jobs.filter(job => before.has(job.id) && before.get(job.id) !== job.state);
      changed.forEach(job => this.say(job));
      changed.forEach(job => job.state === 'done' && job.report_html && this.doors.renew(job.report_html));
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
    const now = JSON.stringify([this.jobs, this.ticked, [...this.refused]]);
    if (now === this.drawn) {
      return;
    }
    this.drawn = now;
    this.hint.hidden = this.jobs.filter(job => job.state === 'done').length < 2;
    const none = this.jobs.length ? null : h('li', { class: 'oppnb-help', tabindex: -1 }, this.t('no_jobs'));
    const held = this.list.contains(document.activeElement) ? document.activeElement?.closest('li') : null;
    const place = held ? [...this.list.children].indexOf(held) : -1;
    refill(this.list, none, ...this.jobs.map(job => this.item(job)));
    if (held) {
      this.keepFocus(held.dataset.job ?? '', place);
    }
  }

  private item(job: Job): HTMLElement {
    const state = h('span', { class: `oppnb-state oppnb-${job.state}` }, this.t(`state_${job.state}`));
    const when = new Date(job.created_at).toLocaleString(this.language);
    const day = job.as_of ? this.t('as_of', { day: job.as_of }) : null;
    const by = job.by_scheduler ? this.t('by_scheduler') : null;
    const told = [job.workspace, day, ...job.about, when, by].filter(Boolean).join(' · ');
    const refused = this.refused.get(job.id);
    return h(
      'li',
      { 'data-job': job.id, 'data-state': job.state, 'data-focus': `entry-${job.id}`, tabindex: -1 },
      h('div', { class: 'oppnb-head' }, h('strong', {}, job.title), state),
      h('p', { class: 'oppnb-help' }, told),
      this.progress(job),
      job.said ? this.reason(job, job.said) : null,
      job.is_replaced ? h('p', { class: 'oppnb-help' }, this.t('replaced')) : null,
      this.figures(job),
      job.alerts ? alertsOf(job.alerts, this.t, this.fold(job), this.isLatest(job)) : null,
      this.buttons(job),
      refused ? h('p', { class: 'oppnb-fault', role: 'alert' }, refused) : null
    );
  }

  /** Of its workspace, of those that are done; without a workspace there are no alerts to speak of. */
  private isLatest(job: Job): boolean {
    const first = this.jobs.find(one => one.workspace === job.workspace && one.state === 'done');
    return job.workspace !== null && first?.id === job.id;
  }

  /** Something that stays open, or shut, when the list is drawn anew. */
  private readonly fold = (job: Job) => (key: string, summary: string, ...children: (Node | null)[]): HTMLElement => {
    const name = `${key}-${job.id}`;
    const toggle = (event: Event): void => {
      (event.target as HTMLDetailsElement).open ? this.opened.add(name) : this.opened.delete(name);
    };
    const props = { 'data-fold': key, open: this.opened.has(name), on: { toggle } };
    return h('details', props, h('summary', { 'data-focus': name }, summary), ...children);
  };

  private reason(job: Job, said: string): HTMLElement {
    const lines = said.split('\n').map(line => line.trim());
    const first = lines.slice(0, 2).join('\n'); // where it stopped, and why
    const short = first.length > LONG ? `${first.slice(0, LONG)}…` : first;
    const rest = short === said ? null : this.fold(job)('reason', this.t('more_words'), h('p', { class: 'oppnb-fault' }, said));
    return h('div', {}, h('p', { class: 'oppnb-fault' }, short), rest);
  }

  private progress(job: Job): HTMLElement | null {
    if (job.state !== 'running' && job.state !== 'queued') {
      return null;
    }
    const words = this.t(job.step === 'alerts' ? 'step_alerts' : 'cells', { done: job.done ?? 0, total: job.total ?? 0 });
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
      job.state === 'failed' && typeof job.values.data === 'string' ? this.button(job, 'start_data', () => this.openData(job)) : null,
      isGone(job) ? this.button(job, 'remove', () => server.remove(job.id)) : null,
      before ? this.button(job, 'compare', () => this.tick([before, job.id])) : null,
      job.state === 'done' && this.jobs.filter(one => one.state === 'done').length > 1 ? this.box(job) : null
    );
  }

  private openData(job: Job): Promise<string> {
    const workspace = job.workspace ?? '';
    return this.doors.start('data', { data: String(job.values.data), workspace, folder: workspace.split('/').slice(0, -1).join('/') });
  }

  /** Two boxes with a tick are compared; a third takes the place of the first. */
  private box(job: Job): HTMLElement {
    const change = (event: Event): void => {
      const others = this.ticked.filter(id => id !== job.id);
      void this.tick((event.target as HTMLInputElement).checked ? [...others, job.id] : others);
    };
    const label = `${this.t('tick')}: ${named(job)}`;
    const props = { type: 'checkbox', 'data-do': 'tick', 'data-focus': `tick-${job.id}`, 'aria-label': label, on: { change } };
    const input = h('input', { ...props });
    input.checked = this.ticked.includes(job.id);
    return h('label', { class: 'oppnb-tick' }, input, this.t('tick'));
  }

  private async tick(ids: string[]): Promise<void> {
    this.ticked = ids.slice(-2);
    const [one, other] = this.ticked.map(id => this.jobs.find(job => job.id === id));
    this.draw();
    if (!one || !other) {
      this.comparison.hide();
      return;
    }
    try {
      await this.comparison.show(one, other);
    } catch (error) {
      this.comparison.hide();
      this.doors.fail(error);
    }
  }

  /** A button that went away hands the focus to its entry, an entry that went away to the one that took its place. */
  private keepFocus(id: string, place: number): void {
    if (this.list.contains(document.activeElement)) {
      return;
    }
    const entries = [...this.list.querySelectorAll<HTMLElement>('li')];
    const entry = entries.find(one => one.dataset.job === id) ?? entries[Math.min(place, entries.length - 1)];
    entry?.focus({ preventScroll: true });
  }

  private button(job: Job, key: string, act: () => unknown): HTMLElement {
    const click = async (): Promise<void> => {
      this.refused.delete(job.id);
      try {
        await act();
      } catch (error) {
        if (error instanceof Refused) {
          const isStart = key === 'again' || key === 'start_data';
          this.refused.set(job.id, isStart ? this.t('failed_start', { said: error.message }) : error.message);
        } else {
          this.doors.fail(error);
        }
      }
      await this.look();
    };
    const props = { type: 'button', class: 'oppnb-button', 'data-focus': `${key}-${job.id}`, 'data-do': key };
    return h('button', { ...props, 'aria-label': `${this.t(key)}: ${named(job)}`, on: { click: () => void click() } }, this.t(key));
  }
}

/** With its day: a list holds many of one title. */
const named = (job: Job): string => [job.title, job.as_of].filter(Boolean).join(' ');
const isGone = (job: Job): boolean => job.state === 'failed' || job.state === 'cancelled';
