import { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';

import { h, Words } from './dom';
import type { ReviewPanel } from './panel';

/** What the panel asks of JupyterLab. */
export interface Doors {
  /** Open a report's page or any other file. */
  open: (path: string) => void;
  /** A report's page was made anew: a tab that shows it has to show the new one. */
  renew: (path: string) => void;
  /** What is selected in the file browser and can be an export. */
  chosen: () => string;
  /** Make a ready notebook, and open it. */
  start: (kind: string, given: Record<string, string>) => Promise<string>;
}

/** The panel's place at the left edge: the panel itself is loaded when it is first looked at. */
export class LazyPanel extends Widget {
  private loading: Promise<ReviewPanel | null> | null = null;
  private panel: ReviewPanel | null = null;

  constructor(
    private readonly locale: string,
    private readonly t: Words,
    private readonly doors: Doors
  ) {
    super();
    this.addClass('oppnb-panel');
    this.node.lang = locale === 'zh_CN' ? 'zh-Hans' : 'en';
  }

  /** The panel; null if the server does not answer, which is then said in its place. */
  load(): Promise<ReviewPanel | null> {
    this.loading ??= this.made();
    return this.loading;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    void this.load().then(panel => (this.isVisible ? panel?.refresh() : null));
  }

  protected override onBeforeHide(message: Message): void {
    this.panel?.stop();
    super.onBeforeHide(message);
  }

  private async made(): Promise<ReviewPanel | null> {
    try {
      const [{ ReviewPanel }, { server, speak }] = await Promise.all([import('./panel'), import('./server')]);
      speak(this.locale);
      this.panel = new ReviewPanel(await server.texts(), this.locale, this.doors);
      this.node.replaceChildren(this.panel.element);
    } catch (error) {
      this.loading = null;
      this.say(error);
    }
    return this.panel;
  }

  private say(error: unknown): void {
    const isThere = !(error as { status?: number }).status; // no answer at all: the connection, not the installation
    const again = h('button', { type: 'button', class: 'oppnb-button', on: { click: () => this.again() } }, this.t('try_again'));
    const told = h('p', { class: 'oppnb-fault', role: 'alert' }, this.t(isThere ? 'lost' : 'server_missing'));
    this.node.replaceChildren(h('h2', {}, this.t('panel')), told, h('div', { class: 'oppnb-buttons' }, again));
  }

  private again(): void {
    void this.load().then(panel => panel?.refresh());
  }
}
