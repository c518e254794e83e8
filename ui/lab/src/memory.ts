import { PageConfig } from '@jupyterlab/coreutils';

/** What was filled in: by workspace, the text of each field. */
export interface Memory {
  workspace?: string;
  template?: string;
  fields: Record<string, Record<string, string>>;
}

/** One JupyterLab's folder, one memory. */
const key = (): string => `oppnb:form:${PageConfig.getOption('serverRoot')}`;

/** This tab remembers all over a reload; a new one only where the data lies: a day of last week would be a trap. */
export function remember(memory: Memory): void {
  const lasting = Object.entries(memory.fields).map(([workspace, { data }]) => [workspace, data ? { data } : {}]);
  try {
    window.sessionStorage.setItem(key(), JSON.stringify(memory));
    window.localStorage.setItem(key(), JSON.stringify({ ...memory, fields: Object.fromEntries(lasting) }));
  } catch {
    // A browser that keeps nothing: then nothing is remembered.
  }
}

export function recall(): Memory {
  try {
    const kept = window.sessionStorage.getItem(key()) ?? window.localStorage.getItem(key());
    const found = JSON.parse(kept ?? '{}') as Partial<Memory>;
    return { ...found, fields: found.fields ?? {} };
  } catch {
    return { fields: {} };
  }
}
