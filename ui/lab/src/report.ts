import { JupyterFrontEnd } from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { IFrame } from '@jupyterlab/ui-components';

import { pipelineIcon } from './icon';

/** Show a report's page in a tab: its scripts draw charts, in an origin of their own that cannot reach JupyterLab. */
export function showReport(app: JupyterFrontEnd, path: string): void {
  const id = `oppnb-report-${path}`;
  const shown = [...app.shell.widgets('main')].find(widget => widget.id === id);
  const frame = shown instanceof MainAreaWidget ? (shown.content as IFrame) : made();
  const address = URLExt.join(ServerConnection.makeSettings().baseUrl, 'files', URLExt.encodeParts(path));
  frame.url = `${address}?made=${Date.now()}`; // the same day's report may have been made anew
  if (!shown) {
    const tab = new MainAreaWidget({ content: frame });
    tab.id = id;
    tab.title.label = path.split('/').slice(-3, -1).join(' ');
    tab.title.caption = path;
    tab.title.icon = pipelineIcon;
    tab.title.closable = true;
    app.shell.add(tab, 'main');
  }
  app.shell.activateById(id);
}

/** JupyterLab serves files only to pages that say that they are its own. */
const made = (): IFrame => new IFrame({ sandbox: ['allow-scripts', 'allow-popups'], referrerPolicy: 'same-origin' });
