import { JupyterFrontEnd } from '@jupyterlab/application';
import { IFrame, IThemeManager, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { pipelineIcon } from './icon';

type Tab = MainAreaWidget<IFrame>;

/** Show a report's page in a tab: its scripts draw charts, in an origin of their own that cannot reach JupyterLab. */
export function showReport(
  app: JupyterFrontEnd,
  reports: WidgetTracker<Tab>,
  path: string,
  themes: IThemeManager | null
): Tab {
  const shown = reports.find(tab => tab.title.caption === path);
  const tab = shown ?? made(path, themes);
  load(tab);
  if (!shown) {
    app.shell.add(tab, 'main');
    void reports.add(tab);
  }
  app.shell.activateById(tab.id);
  return tab;
}

/** Show the page that was made anew, if the old one is open. */
export function renewReport(reports: WidgetTracker<Tab>, path: string): void {
  const shown = reports.find(tab => tab.title.caption === path);
  if (shown) {
    load(shown);
  }
}

function load(tab: Tab): void {
  const address = URLExt.join(ServerConnection.makeSettings().baseUrl, 'files', URLExt.encodeParts(tab.title.caption));
  tab.content.url = `${address}?made=${Date.now()}`; // the same day's report may have been made anew
}

/** A page asks which colours its reader prefers; inside a frame that is what the frame says. */
function followTheme(frame: IFrame, themes: IThemeManager | null): void {
  const dress = (): void => {
    const isLight = !themes?.theme || themes.isLight(themes.theme);
    frame.node.querySelector('iframe')?.style.setProperty('color-scheme', isLight ? 'light' : 'dark');
  };
  dress();
  themes?.themeChanged.connect(dress);
  frame.disposed.connect(() => themes?.themeChanged.disconnect(dress));
}

function made(path: string, themes: IThemeManager | null): Tab {
  // JupyterLab serves files only to pages that say that they are its own.
  const frame = new IFrame({ sandbox: ['allow-scripts', 'allow-popups'], referrerPolicy: 'same-origin' });
  followTheme(frame, themes);
  const tab = new MainAreaWidget({ content: frame });
  tab.id = `oppnb-report-${path}`;
  const [day = path, ...kind] = path.split('reports/').pop()?.split('/').slice(0, -1).reverse() ?? [];
  tab.title.label = [day, ...kind.reverse()].join(' ');
  tab.title.caption = path;
  tab.title.icon = pipelineIcon;
  tab.title.closable = true;
  return tab;
}
