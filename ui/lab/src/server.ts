import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

export type State = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

export interface Property {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'object';
  format?: 'date';
  enum?: string[];
  title: string;
  description: string;
  nullable: boolean;
  default?: unknown;
}

export interface Form {
  name: string;
  origin: 'workspace' | 'package';
  title: string;
  description: string;
  problem?: string;
  schema?: { properties: Record<string, Property>; required: string[] };
}

export interface Figure {
  id: string;
  label: string;
  text: string;
  value: number;
}

export interface Job {
  id: string;
  template: string;
  title: string;
  workspace: string | null;
  values: Record<string, unknown>;
  created_at: string;
  state: State;
  done: number | null;
  total: number | null;
  said: string | null;
  as_of: string | null;
  figures: Figure[];
  earlier?: string | null;
  is_replaced?: boolean;
  trends?: Record<string, { day: string; value: number }[]>;
  report_html?: string;
  report_ipynb?: string;
}

export interface Compared {
  n: number;
  changes: { figure: string; before: unknown; after: unknown }[];
  causes: string[];
}

export interface Asked {
  template: string;
  workspace: string;
  values: Record<string, unknown>;
  locale: string;
}

interface Definition {
  job_definition_id: string;
  name: string;
}

/** The server refused, in words for the reader. */
export class Refused extends Error {}

const settings = ServerConnection.makeSettings();

/** Ask a route below `oppnb/`. */
const ask = <T>(route: string, method = 'GET', body?: unknown): Promise<T> => send<T>(`oppnb/${route}`, method, body);

/** Ask the server; the token and the protection against forged requests are JupyterLab's own. */
async function send<T>(route: string, method: string, body?: unknown): Promise<T> {
  const url = URLExt.join(settings.baseUrl, route);
  const init: RequestInit = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await ServerConnection.makeRequest(url, init, settings);
  const told = (await answer.json().catch(() => ({}))) as T & { message?: string };
  if (!answer.ok) {
    throw new Refused(told.message ?? answer.statusText);
  }
  return told;
}

const query = (values: Record<string, string>): string => new URLSearchParams(values).toString();

export const server = {
  texts: (locale: string) => ask<Record<string, string>>(`texts?${query({ locale })}`),
  workspaces: () => ask<{ workspaces: string[] }>('workspaces'),
  forms: (workspace: string, locale: string) => ask<{ templates: Form[] }>(`templates?${query({ workspace, locale })}`),
  check: (asked: Asked) => ask<{ errors: Record<string, string> }>('check', 'POST', asked),
  jobs: () => ask<{ jobs: Job[] }>('jobs'),
  run: (asked: Asked) => ask<Job>('jobs', 'POST', asked),
  again: (id: string) => ask<Job>('jobs', 'POST', { again: id }),
  cancel: (id: string) => ask<Job>(`jobs/${id}`, 'DELETE'),
  compare: (first: string, second: string) => ask<Compared>(`compare?${query({ first, second })}`),
  start: (kind: string, given: Record<string, string>) => ask<{ path: string }>('starters', 'POST', { kind, ...given }),
  schedule: async (asked: Asked) => {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const job = await ask<Record<string, unknown>>('schedules', 'POST', { ...asked, timezone });
    const { job_definitions: there } = await send<{ job_definitions: Definition[] }>('scheduler/job_definitions', 'GET');
    const same = there.filter(one => one.name === job.name);
    await Promise.all(same.map(one => send(`scheduler/job_definitions/${one.job_definition_id}`, 'DELETE')));
    await send('scheduler/job_definitions', 'POST', job);
  }
};
