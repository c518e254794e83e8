import { h, refill, Words } from './dom';
import { Refused, Schedule, server } from './server';

/** The reports that JupyterLab's scheduler makes by itself, and a way to stop each. */
export class ScheduleList {
  readonly element: HTMLElement;
  /** Whether there is no scheduler at all. */
  isMissing = false;
  private readonly list = h('ul', { class: 'oppnb-list' });

  constructor(
    private readonly t: Words,
    private readonly language: string,
    private readonly fail: (error: unknown) => void,
    private readonly onStop: () => void
  ) {
    this.element = h('section', { class: 'oppnb-schedules' }, h('h3', {}, t('schedules')), this.list);
  }

  async look(): Promise<void> {
    try {
      const found = await server.schedules();
      this.isMissing = found === null;
      const none = found === null ? 'no_scheduler' : found.length ? null : 'no_schedules';
      refill(this.list, none && this.word(none, this.isMissing), ...(found ?? []).map(one => this.item(one)));
    } catch (error) {
      if (error instanceof Refused) {
        refill(this.list, this.word('scheduler_silent'));
      }
    }
  }

  private word(key: string, isMissing = false): HTMLElement {
    return h('li', { class: 'oppnb-help', id: isMissing ? 'oppnb-no-scheduler' : null }, this.t(key));
  }

  private item(one: Schedule): HTMLElement {
    const { t } = this;
    const when = one.next && new Date(one.next).toLocaleString(this.language, { dateStyle: 'full', timeStyle: 'short' });
    const told = one.is_active ? (when ? t('next_run', { when }) : t('next_unknown', { schedule: one.schedule })) : t('schedule_paused');
    const click = async (): Promise<void> => {
      this.onStop();
      await server.stop(one.id).catch(this.fail);
      await this.look();
    };
    const props = { type: 'button', class: 'oppnb-button', 'data-do': 'stop', 'data-focus': `stop-${one.id}` };
    const stop = h('button', { ...props, 'aria-label': `${t('stop_schedule')}: ${one.name}`, on: { click: () => void click() } }, t('stop_schedule'));
    return h('li', { 'data-schedule': one.id }, h('strong', {}, one.name), h('p', { class: 'oppnb-help' }, told), h('div', { class: 'oppnb-buttons' }, stop));
  }
}
