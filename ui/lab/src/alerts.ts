import { h, Words } from './dom';
import { Alerts } from './server';

type Fold = (key: string, summary: string, ...children: (Node | null)[]) => HTMLElement;

/** What calls for a look beside a report; `tellsNone` says so too where the workspace declares no alerts. */
export function alertsOf(alerts: Alerts, t: Words, fold: Fold, tellsNone: boolean): HTMLElement | null {
  const line = (text: string): HTMLElement => h('p', { class: 'oppnb-help' }, text);
  if (alerts.is_stopped) {
    return line(t('alerts_stopped'));
  }
  if (alerts.problem) {
    return line(t('alerts_unknown', { said: alerts.problem }));
  }
  if (!alerts.declared.length) {
    return tellsNone ? line(t('no_alerts_declared')) : null;
  }
  const missing = (alerts.missing ?? []).map(one => line(`${t(`alert_${one.when}`)}: ${one.text}`));
  if (!alerts.n) {
    return h('div', {}, line(t('no_alerts')), ...missing);
  }
  const lost = alerts.n_to_nobody ?? 0;
  const told = [
    lost < alerts.n ? line(t('alerts_nothing_sent')) : null,
    lost ? line(t(lost < alerts.n ? 'alerts_some_to_nobody' : 'alerts_to_nobody', { n: lost })) : null
  ];
  const kinds = (alerts.kinds ?? []).map(kind => ofKind(kind, lost > 0, t));
  return fold('alerts', t('alerts', { n: alerts.n }), ...told, ...kinds, ...missing);
}

function ofKind({ when, n, found }: NonNullable<Alerts['kinds']>[number], isLost: boolean, t: Words): HTMLElement {
  const items = found.map(one => {
    const apart = isLost ? t('alert_to_nobody') : t('alert_to_run');
    const way = one.is_sent ? t('alert_sent') : one.channels.length ? t('alert_to', { channels: one.channels.join(', ') }) : apart;
    return h('li', {}, [one.deal, one.text].filter(Boolean).join(': '), h('span', { class: 'oppnb-help' }, ` · ${way}`));
  });
  const more = n > found.length ? h('li', { class: 'oppnb-help' }, t('alerts_more', { n: n - found.length })) : null;
  return h('div', {}, h('strong', {}, `${t(`alert_${when}`)} (${n})`), h('ul', { class: 'oppnb-alerts' }, ...items, more));
}
