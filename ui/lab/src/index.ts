import { ILayoutRestorer, JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, showErrorMessage } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator } from '@jupyterlab/translation';

import { translator } from './dom';
import { pipelineIcon } from './icon';
import { ReviewPanel } from './panel';
import { showReport } from './report';
import { server } from './server';

const STARTERS = ['workspace', 'data', 'stages', 'scoring', 'forecast', 'review'];
const DATA = /\.(csv|xlsx|parquet|zip)$/i;
const PANEL = 'oppnb-panel';
const REVIEW_THIS = 'oppnb:review-this';

const plugin: JupyterFrontEndPlugin<void> = {
  id: 'oppnb:plugin',
  description: 'A pipeline review without leaving JupyterLab',
  autoStart: true,
  optional: [ILauncher, ICommandPalette, ILayoutRestorer, IFileBrowserFactory, ITranslator],
  activate
};

async function activate(
  app: JupyterFrontEnd,
  launcher: ILauncher | null,
  palette: ICommandPalette | null,
  restorer: ILayoutRestorer | null,
  files: IFileBrowserFactory | null,
  language: ITranslator | null
): Promise<void> {
  const locale = (language?.languageCode ?? 'en').toLowerCase().startsWith('zh') ? 'zh_CN' : 'en';
  const texts = await server.texts(locale);
  const t = translator(texts);
  const open = (path: string): void => {
    if (path.endsWith('.html')) {
      showReport(app, path);
    } else {
      void app.commands.execute('docmanager:open', { path });
    }
  };
  const panel = new ReviewPanel(texts, locale, open);
  panel.id = PANEL;
  panel.title.icon = pipelineIcon;
  panel.title.caption = t('panel');
  app.shell.add(panel, 'left', { rank: 600 });
  restorer?.add(panel, PANEL);

  const here = (): string => files?.tracker.currentWidget?.model.path ?? '';
  const chosen = (): string => {
    const [first] = [...(files?.tracker.currentWidget?.selectedItems() ?? [])];
    return first && (first.type === 'directory' || DATA.test(first.path)) ? first.path : '';
  };

  STARTERS.forEach((kind, rank) => {
    const command = `oppnb:start-${kind}`;
    app.commands.addCommand(command, {
      label: t(`start_${kind}`),
      icon: pipelineIcon,
      execute: async () => {
        try {
          open((await server.start(kind, { folder: here(), data: chosen(), locale })).path);
        } catch (error) {
          await showErrorMessage(t(`start_${kind}`), error instanceof Error ? error.message : String(error));
        }
      }
    });
    launcher?.add({ command, category: t('category'), rank });
    palette?.addItem({ command, category: t('category') });
  });

  app.commands.addCommand('oppnb:open-panel', {
    label: t('open_panel'),
    icon: pipelineIcon,
    execute: () => app.shell.activateById(PANEL)
  });
  palette?.addItem({ command: 'oppnb:open-panel', category: t('category') });
  app.commands.addCommand(REVIEW_THIS, {
    label: t('review_this'),
    icon: pipelineIcon,
    isVisible: () => chosen() !== '',
    execute: async () => {
      const data = chosen();
      app.shell.activateById(PANEL);
      await panel.review(data);
    }
  });
  app.contextMenu.addItem({ command: REVIEW_THIS, selector: '.jp-DirListing-item', rank: 3 });
}

export default plugin;
