import { ILabShell, ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IFrame, IThemeManager, MainAreaWidget, showErrorMessage, WidgetTracker } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator } from '@jupyterlab/translation';
import type { Widget } from '@lumino/widgets';

import { translator } from './dom';
import { pipelineIcon } from './icon';
import { LABELS } from './labels';
import { LazyPanel } from './lazy';

const STARTERS = ['workspace', 'data', 'stages', 'scoring', 'forecast', 'review'];
const DATA = /\.(csv|xlsx|parquet|zip)$/i;
const PANEL = 'oppnb-panel';
const OPEN_PANEL = 'oppnb:open-panel';
const OPEN_REPORT = 'oppnb:open-report';
const REVIEW_THIS = 'oppnb:review-this';
/** Below so many pixels a report and the panel do not fit side by side. */
const NARROW = 640;

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'oppnb:plugin',
  description: 'A pipeline review without leaving JupyterLab',
  autoStart: true,
  optional: [ILauncher, ICommandPalette, ILayoutRestorer, IFileBrowserFactory, ITranslator, ILabShell, IThemeManager],
  activate
};

/** What JupyterLab opens for a notebook, as far as it is needed here. */
interface Opened {
  readonly revealed: Promise<void>;
  readonly context: { readonly sessionContext: { readonly ready: Promise<void> } };
}

/** Run a notebook that was just made for the reader: the widget is what was asked for. */
async function runAll(app: JupyterFrontEnd, opened: Widget & Opened): Promise<void> {
  await opened.revealed;
  await opened.context.sessionContext.ready;
  if (opened === app.shell.currentWidget) {
    await app.commands.execute('notebook:run-all-cells');
  }
}

/** Only what JupyterLab shows while it opens; nothing is asked of the server, and the rest is loaded when it is needed. */
function activate(
  app: JupyterFrontEnd,
  launcher: ILauncher | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  files: IFileBrowserFactory | null,
  language: ITranslator | null,
  shell: ILabShell | null,
  themes: IThemeManager | null
): void {
  const locale = (language?.languageCode ?? 'en').toLowerCase().startsWith('zh') ? 'zh_CN' : 'en';
  const t = translator(LABELS[locale] ?? {});
  const here = (): string => files?.tracker.currentWidget?.model.path ?? '';
  const chosen = (): string => {
    const [first] = [...(files?.tracker.currentWidget?.selectedItems() ?? [])];
    return first && (first.type === 'directory' || DATA.test(first.path)) ? first.path : '';
  };
  const makeRoom = (): void => {
    if (shell && window.innerWidth < NARROW) {
      shell.collapseLeft();
    }
  };
  const open = (path: string): Promise<unknown> => {
    makeRoom();
    return app.commands.execute(path.endsWith('.html') ? OPEN_REPORT : 'docmanager:open', { path });
  };

  const make = async (kind: string, given: Record<string, string>): Promise<{ path: string; opened: unknown }> => {
    const { server } = await import('./server');
    const { path, is_ready: isReady } = await server.start(kind, given);
    const opened = await open(path);
    if (isReady && opened) {
      void runAll(app, opened as Widget & Opened);
    }
    return { path, opened };
  };
  const reports = new WidgetTracker<MainAreaWidget<IFrame>>({ namespace: 'oppnb-report' });
  const panel = new LazyPanel(locale, t, {
    open,
    renew: path => void import('./report').then(({ renewReport }) => renewReport(reports, path)),
    chosen,
    start: async (kind, given) => (await make(kind, given)).path
  });
  panel.id = PANEL;
  panel.title.icon = pipelineIcon;
  panel.title.caption = t('panel');
  app.shell.add(panel, 'left', { rank: 600 });
  restorer?.add(panel, PANEL);

  STARTERS.forEach((kind, rank) => {
    const command = `oppnb:start-${kind}`;
    app.commands.addCommand(command, {
      label: t(`start_${kind}`),
      icon: pipelineIcon,
      execute: async () => {
        try {
          const { path, opened } = await make(kind, { folder: here(), data: chosen() });
          if (kind === 'workspace') {
            app.shell.activateById(PANEL);
            await (await panel.load())?.choose(path);
          }
          return opened; // what the launcher is to make room for
        } catch (error) {
          await showErrorMessage(t(`start_${kind}`), error instanceof Error ? error.message : String(error));
          return undefined;
        }
      }
    });
    launcher?.add({ command, category: t('category'), rank });
    palette?.addItem({ command, category: t('category') });
  });

  app.commands.addCommand(OPEN_PANEL, {
    label: t('open_panel'),
    icon: pipelineIcon,
    execute: async () => {
      await app.restored; // the layout of the last time would put it away again
      app.shell.activateById(PANEL);
    }
  });
  palette?.addItem({ command: OPEN_PANEL, category: t('category') });
  app.commands.addCommand(REVIEW_THIS, {
    label: t('review_this'),
    icon: pipelineIcon,
    isVisible: () => chosen() !== '',
    execute: async () => {
      const data = chosen();
      app.shell.activateById(PANEL);
      await (await panel.load())?.review(data);
    }
  });
  app.contextMenu.addItem({ command: REVIEW_THIS, selector: '.jp-DirListing-item', rank: 3 });

  app.commands.addCommand(OPEN_REPORT, {
    label: args => String(args.path ?? ''),
    execute: async args => (await import('./report')).showReport(app, reports, String(args.path), themes)
  });
  void restorer?.restore(reports, {
    command: OPEN_REPORT,
    args: widget => ({ path: widget.title.caption }),
    name: widget => widget.title.caption
  });
}

export default plugin;
