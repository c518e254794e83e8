import { JupyterFrontEnd } from '@jupyterlab/application';
import { IFrame, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { pipelineIcon } from './icon';

type Tab = MainAreaWidget<IFrame>;

/** Show a report's page in a tab: its scripts draw charts, in an origin of their own that cannot reach JupyterLab. */
export function showReport(app: JupyterFrontEnd, reports: WidgetTracker<Tab>, path: string): Tab {
  const shown = reports.find(tab => tab.title.caption === path);
  const tab = shown ?? made(path);
  const address = URLExt.join(ServerConnection.makeSettings().baseUrl, 'files', URLExt.encodeParts(path));
  tab.content.url = `${address}?made=${Date.now()}`; // the same day's report may have been made anew
  if (!shown) {
    app.shell.add(tab, 'main');
    void reports.add(tab);
  }
  app.shell.activateById(tab.id);
  return tab;
}

function made(path: string): Tab {
  // JupyterLab serves files only to pages that say that they are its own.
  const frame = new IFrame({ sandbox: ['allow-scripts', 'allow-popups'], referrerPolicy: 'same-origin' });
  const tab = new MainAreaWidget({ content: frame });
  tab.id = `oppnb-report-${path}`;
  const [day = path, ...kind] = path.split('reports/').pop()?.split('/').slice(0, -1).reverse() ?? [];
  tab.title.label = [day, ...kind.reverse()].join(' ');
  tab.title.caption = path;
  tab.title.icon = pipelineIcon;
  tab.title.closable = true;
  return tab;
}
