import { h, refill, translator, Words } from './dom';
import { ParameterForm } from './form';
import { JobList } from './jobs';
import type { Doors } from './lazy';
import { Memory, recall, remember } from './memory';
import { ScheduleList } from './schedules';
import { Asked, Form, Refused, server } from './server';

/** Choose a workspace and a report, fill in its form, run it; below it the reports made so far. */
export class ReviewPanel {
  readonly element = h('div', {});
  private readonly t: Words;
  private readonly jobs: JobList;
  private readonly schedules: ScheduleList;
  private readonly workspaces = h('select', { id: 'oppnb-workspace', 'data-focus': 'workspace', 'aria-describedby': 'oppnb-workspace-fault' });
  private readonly broken = h('p', { class: 'oppnb-fault', id: 'oppnb-workspace-fault', role: 'alert', hidden: true });
  private readonly templates = h('select', { id: 'oppnb-template', 'data-focus': 'template' });
  private readonly about = h('p', { class: 'oppnb-help' });
  private readonly place = h('div', {});
  private readonly fault = h('p', { class: 'oppnb-fault', role: 'alert', hidden: true });
  private readonly note = h('p', { class: 'oppnb-help', role: 'status', hidden: true });
  private readonly run = h('button', { type: 'submit', class: 'oppnb-button oppnb-main' });
  private readonly weekly = h('button', { type: 'button', class: 'oppnb-button', 'data-do': 'schedule', 'aria-describedby': 'oppnb-no-scheduler' });
  private readonly memory: Memory = recall();
  private forms: Form[] = [];
  private form: ParameterForm | null = null;
  private wanted = '';
  private looks = 0;
  private isLost = false;
  private isStopped = false;

  constructor(
    texts: Record<string, string>,
    locale: string,
    private readonly doors: Doors
  ) {
    this.t = translator(texts);
    const language = locale.replace('_', '-');
    const fail = (error: unknown): void => this.tell(error);
    this.jobs = new JobList(this.t, { open: doors.open, renew: doors.renew, start: doors.start, fail, back: () => this.back() }, language);
    this.schedules = new ScheduleList(this.t, language, fail, () => (this.note.hidden = true));
    this.build();
  }

  /** Look at the folders, the schedules and the jobs again. */
  async refresh(): Promise<void> {
    this.isStopped = false;
    try {
      const found = (await server.workspaces()).workspaces;
      const none = h('option', { value: '' }, this.t('no_workspace'));
      refill(this.workspaces, none, ...found.map(one => h('option', { value: one }, one)));
      this.workspaces.value = this.workspaceOf(found);
      await this.readForms();
      this.fault.hidden = true;
    } catch (error) {
      this.tell(error);
    }
    await Promise.all([this.lookAtSchedules(), this.isStopped ? null : this.jobs.look()]);
  }

  /** Without a scheduler nothing is offered that it would do. */
  private async lookAtSchedules(): Promise<void> {
    await this.schedules.look();
    this.weekly.disabled = this.schedules.isMissing;
  }

  /** No more looks, until the next `refresh`. */
  stop(): void {
    this.isStopped = true;
    this.jobs.stop();
  }

  /** Put a file of the file browser into the form. */
  async review(data: string): Promise<void> {
    this.wanted = data;
    await this.refresh();
  }

  /** Go on with a workspace that was just made. */
  async choose(workspace: string): Promise<void> {
    this.memory.workspace = workspace;
    await this.refresh();
  }

  /** The nearest to the data that was asked for; else what was chosen last; else the only one there is. */
  private workspaceOf(found: string[]): string {
    if (this.wanted) {
      const above = found.filter(one => this.wanted.startsWith(one.slice(0, -'oppnb.yaml'.length)));
      return above.sort((one, other) => other.length - one.length)[0] ?? '';
    }
    const last = this.memory.workspace;
    return last === '' || (last && found.includes(last)) ? last : found.length === 1 ? found[0] ?? '' : '';
  }

  private build(): void {
    const { t } = this;
    this.run.textContent = t('run');
    this.weekly.textContent = t('schedule');
    this.weekly.addEventListener('click', () => void this.start(true));
    const again = h('button', { type: 'button', class: 'oppnb-button', on: { click: () => void this.refresh() } }, t('refresh'));
    const submit = (event: Event): void => {
      event.preventDefault();
      void this.start();
    };
    const asked = h(
      'form',
      { novalidate: true, on: { submit } },
      h('div', { class: 'oppnb-row' }, h('label', { for: 'oppnb-workspace' }, t('workspace')), this.workspaces, this.broken),
      h('div', { class: 'oppnb-row' }, h('label', { for: 'oppnb-template' }, t('template')), this.templates, this.about),
      this.place,
      h('div', { class: 'oppnb-buttons' }, this.run, this.weekly, again),
      this.fault,
      this.note
    );
    this.workspaces.addEventListener('change', () => {
      this.carryData(this.workspaces.value);
      this.memory.workspace = this.workspaces.value;
      void this.readForms().catch(error => this.tell(error));
    });
    this.templates.addEventListener('change', () => this.drawForm());
    asked.addEventListener('input', () => this.keep());
    this.place.addEventListener('change', event => {
      if ((event.target as HTMLElement).id === 'oppnb-field-data') {
        void this.offer();
      }
    });
    this.element.append(h('h2', {}, t('panel')), asked, this.schedules.element, this.jobs.element);
  }

  /** Data that lie beside the workspace now chosen stay in the form; those of another client do not. */
  private carryData(workspace: string): void {
    const data = this.form?.texts.data ?? '';
    const folder = workspace.slice(0, -'oppnb.yaml'.length);
    if (data && workspace && data.startsWith(folder) && !this.memory.fields[workspace]?.data) {
      this.memory.fields[workspace] = { ...this.memory.fields[workspace], data };
    }
  }

  /** What stands in the form is there again after a reload; each workspace has its own. */
  private keep(): void {
    this.memory.template = this.templates.value;
    this.memory.workspace = this.workspaces.value;
    this.memory.fields[this.workspaces.value] = { ...this.memory.fields[this.workspaces.value], ...this.form?.texts };
    remember(this.memory);
  }

  private async readForms(): Promise<void> {
    const look = ++this.looks;
    const { templates, problem } = await server.forms(this.workspaces.value);
    if (look !== this.looks) {
      return; // Another workspace was chosen meanwhile: a late answer about the one before would hide its reports.
    }
    const chosen = this.templates.value || this.memory.template || 'pipeline_review';
    this.forms = templates;
    this.showBroken(problem ?? '');
    const own = (one: Form): string => (one.origin === 'workspace' ? ` (${this.t('origin_workspace')})` : '');
    refill(this.templates, ...this.forms.map(one => h('option', { value: one.name }, one.title + own(one))));
    this.templates.value = this.forms.some(one => one.name === chosen) ? chosen : this.forms[0]?.name ?? '';
    this.drawForm();
  }

  private showBroken(problem: string): void {
    this.broken.textContent = problem;
    this.broken.hidden = problem === '';
    this.workspaces.setAttribute('aria-invalid', String(problem !== ''));
  }

  private drawForm(): void {
    const found = this.forms.find(one => one.name === this.templates.value);
    const kept = this.memory.fields[this.workspaces.value] ?? {};
    this.about.textContent = found?.problem ?? found?.description ?? '';
    this.run.disabled = !found?.schema;
    this.form = found?.schema ? new ParameterForm(found, kept, this.t, () => this.takeSelected()) : null;
    this.place.replaceChildren(...(this.form ? [this.form.element] : []));
    if (this.wanted) {
      this.form?.set('data', this.wanted);
      this.wanted = '';
      this.keep();
    }
    void this.offer();
  }

  private takeSelected(): void {
    const path = this.doors.chosen();
    if (!path) {
      this.form?.show({ data: this.t('nothing_selected') });
      return;
    }
    this.form?.set('data', path);
    this.form?.show({});
    this.keep();
    void this.offer();
  }

  /** What the export has to choose from, where the form asks for it; without an answer one types. */
  private async offer(): Promise<void> {
    const { form } = this;
    const data = form?.texts.data ?? '';
    if (form?.wantsChoices && data) {
      const found = await server.choices(data, this.workspaces.value).catch(() => null);
      if (found && form === this.form) {
        form.offer(found);
      }
    }
  }

  private async start(isWeekly = false): Promise<void> {
    const { form } = this;
    if (!form) {
      return;
    }
    const asked: Asked = { template: this.templates.value, workspace: this.workspaces.value, values: form.values };
    this.run.disabled = true;
    this.note.hidden = false;
    this.note.textContent = this.t('checking');
    this.fault.hidden = true;
    this.keep();
    try {
      const found = await server.check(asked);
      const errors = { ...found.errors, ...form.unread(this.t) };
      form.show(errors, found.notes);
      this.showBroken(errors.workspace ?? '');
      this.isLost = false;
      this.fault.hidden = Object.keys(errors).length === 0;
      this.fault.textContent = this.t('check_first');
      if (this.fault.hidden) {
        await (isWeekly ? server.schedule(asked) : server.run(asked));
      }
      this.note.hidden = !(isWeekly && this.fault.hidden);
      this.note.textContent = this.t('scheduled');
    } catch (error) {
      this.note.hidden = true;
      this.tell(error, 'not_started');
    }
    this.run.disabled = false;
    await Promise.all([isWeekly ? this.lookAtSchedules() : null, this.jobs.look()]);
  }

  /** The server answers again: what was said of its silence is no longer so. */
  private back(): void {
    if (this.isLost) {
      this.isLost = false;
      this.fault.hidden = true;
    }
  }

  private tell(error: unknown, silent = 'lost'): void {
    this.isLost = !(error instanceof Refused) && silent === 'lost';
    this.fault.hidden = false;
    this.fault.textContent = error instanceof Refused ? this.t('failed_start', { said: error.message }) : this.t(silent);
  }
}
