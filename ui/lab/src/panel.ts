import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { h, refill, translator, Words } from './dom';
import { ParameterForm } from './form';
import { JobList } from './jobs';
import { Asked, Form, Refused, server } from './server';

const REMEMBERED = 'oppnb:workspace';

/** Choose a workspace and a report, fill in its form, run it; below it the reports made so far. */
export class ReviewPanel extends Widget {
  private readonly t: Words;
  private readonly jobs: JobList;
  private readonly workspaces = h('select', { id: 'oppnb-workspace', 'data-focus': 'workspace' });
  private readonly templates = h('select', { id: 'oppnb-template', 'data-focus': 'template' });
  private readonly about = h('p', { class: 'oppnb-help' });
  private readonly place = h('div', {});
  private readonly fault = h('p', { class: 'oppnb-fault', role: 'alert', hidden: true });
  private readonly note = h('p', { class: 'oppnb-help', role: 'status', hidden: true });
  private readonly run = h('button', { type: 'submit', class: 'oppnb-button oppnb-main' });
  private forms: Form[] = [];
  private form: ParameterForm | null = null;
  private wanted = '';
  private isChosen = false;

  constructor(
    texts: Record<string, string>,
    private readonly locale: string,
    open: (path: string) => void
  ) {
    super();
    this.t = translator(texts);
    this.addClass('oppnb-panel');
    this.node.lang = locale === 'zh_CN' ? 'zh-Hans' : 'en';
    this.jobs = new JobList(this.t, { open, fail: error => this.tell(error) }, locale.replace('_', '-'));
    this.build();
  }

  /** Look at the folders and the jobs again. */
  async refresh(): Promise<void> {
    try {
      const chosen = this.workspaces.value;
      const found = (await server.workspaces()).workspaces;
      const none = h('option', { value: '' }, this.t('no_workspace'));
      refill(this.workspaces, none, ...found.map(one => h('option', { value: one }, one)));
      this.workspaces.value = this.workspaceOf(found, chosen);
      await this.readForms();
      this.fault.hidden = true;
    } catch (error) {
      this.tell(error);
    }
    await this.jobs.look();
  }

  /** Put a file of the file browser into the form. */
  async review(data: string): Promise<void> {
    this.wanted = data;
    await this.refresh();
  }

  /** The nearest to the data that was asked for; else what was chosen; else the only one there is. */
  private workspaceOf(found: string[], chosen: string): string {
    if (this.wanted) {
      const above = found.filter(one => this.wanted.startsWith(one.slice(0, -'oppnb.yaml'.length)));
      return above.sort((one, other) => other.length - one.length)[0] ?? '';
    }
    if (this.isChosen && (chosen === '' || found.includes(chosen))) {
      return chosen;
    }
    const remembered = window.localStorage.getItem(REMEMBERED) ?? '';
    return found.includes(remembered) ? remembered : found.length === 1 ? found[0] ?? '' : '';
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.refresh();
  }

  protected override onBeforeHide(message: Message): void {
    this.jobs.stop();
    super.onBeforeHide(message);
  }

  private build(): void {
    const { t } = this;
    this.run.textContent = t('run');
    const schedule = h(
      'button',
      { type: 'button', class: 'oppnb-button', 'data-do': 'schedule', on: { click: () => void this.start(true) } },
      t('schedule')
    );
    const again = h('button', { type: 'button', class: 'oppnb-button', on: { click: () => void this.refresh() } }, t('refresh'));
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.start();
    };
    const asked = h(
      'form',
      { novalidate: true, on: { submit } },
      h('div', { class: 'oppnb-row' }, h('label', { for: 'oppnb-workspace' }, t('workspace')), this.workspaces),
      h('div', { class: 'oppnb-row' }, h('label', { for: 'oppnb-template' }, t('template')), this.templates, this.about),
      this.place,
      h('div', { class: 'oppnb-buttons' }, this.run, schedule, again),
      this.fault,
      this.note
    );
    this.workspaces.addEventListener('change', () => {
      this.isChosen = true;
      window.localStorage.setItem(REMEMBERED, this.workspaces.value);
      void this.readForms().catch(error => this.tell(error));
    });
    this.templates.addEventListener('change', () => this.drawForm());
    this.node.append(h('h2', {}, t('panel')), asked, this.jobs.element);
  }

  private async readForms(): Promise<void> {
    const chosen = this.templates.value || 'pipeline_review';
    this.forms = (await server.forms(this.workspaces.value, this.locale)).templates;
    const own = (one: Form): string => (one.origin === 'workspace' ? ` (${this.t('origin_workspace')})` : '');
    refill(this.templates, ...this.forms.map(one => h('option', { value: one.name }, one.title + own(one))));
    this.templates.value = this.forms.some(one => one.name === chosen) ? chosen : this.forms[0]?.name ?? '';
    this.drawForm();
  }

  private drawForm(): void {
    const found = this.forms.find(one => one.name === this.templates.value);
    this.about.textContent = found?.problem ?? found?.description ?? '';
    this.run.disabled = !found?.schema;
    this.form = found?.schema ? new ParameterForm(found, this.form?.values ?? {}, this.t) : null;
    this.place.replaceChildren(...(this.form ? [this.form.element] : []));
    if (this.wanted) {
      this.form?.set('data', this.wanted);
      this.wanted = '';
    }
  }

  private async start(isWeekly = false): Promise<void> {
    const { form } = this;
    if (!form) {
      return;
    }
    const asked: Asked = {
      template: this.templates.value,
      workspace: this.workspaces.value,
      values: form.values,
      locale: this.locale
    };
    this.run.disabled = true;
    this.note.hidden = true;
    try {
      const errors = { ...(await server.check(asked)).errors, ...form.unread(this.t) };
      form.show(errors);
      this.fault.hidden = Object.keys(errors).length === 0;
      this.fault.textContent = this.t('check_first');
      if (this.fault.hidden) {
        await (isWeekly ? server.schedule(asked) : server.run(asked));
        this.note.hidden = !isWeekly;
        this.note.textContent = this.t('scheduled');
      }
    } catch (error) {
      this.tell(error);
    }
    this.run.disabled = false;
    await this.jobs.look();
  }

  private tell(error: unknown): void {
    this.fault.hidden = false;
    this.fault.textContent = error instanceof Refused ? this.t('failed_start', { said: error.message }) : this.t('lost');
  }
}
