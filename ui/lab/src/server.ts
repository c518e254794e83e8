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

export interface Alerts {
  declared: string[];
  n?: number;
  n_to_nobody?: number;
  kinds?: { when: string; n: number; found: { text: string; deal: string | null; channels: string[]; is_sent: boolean }[] }[];
  missing?: { when: string; text: string }[];
  problem?: string;
  is_stopped?: boolean;
}

export interface Schedule {
  id: string;
  name: string;
  schedule: string;
  is_active: boolean;
  next: string | null;
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
  step?: 'alerts' | null;
  by_scheduler?: boolean | null;
  alerts?: Alerts | null;
  done: number | null;
  total: number | null;
  said: string | null;
  as_of: string | null;
  about: string[];
  figures: Figure[];
  earlier?: string | null;
  is_replaced?: boolean;
  trends?: Record<string, { day: string; value: number }[]>;
  report_html?: string;
  report_ipynb?: string;
}

export interface Compared {
  n: number;
  n_alike: number;
  changes: { figure: string; label: string; before_text: string; after_text: string; difference_text: string }[];
  causes: string[];
}

export interface Asked {
  template: string;
  workspace: string;
  values: Record<string, unknown>;
}

export interface Choices {
  sellers: Record<string, string>;
  columns: string[];
  slices: string[];
}

interface Runs {
  has_scheduler: boolean;
  next: (string | null)[];
}

interface Definition {
  job_definition_id: string;
  name: string;
  schedule?: string;
  timezone?: string;
  active: boolean;
  tags?: string[];
}

/** The server refused, in words for the reader. */
export class Refused extends Error {
  constructor(
    message: string,
    readonly status: number
  ) {
    super(message);
  }
}

const TAG = 'oppnb';
const DEFINITIONS = 'scheduler/job_definitions';
const settings = ServerConnection.makeSettings();
let locale = 'en';

/** In which language the server answers. */
export function speak(language: string): void {
  locale = language;
}

/** Ask a route below `oppnb/`. */
const ask = <T>(route: string, method = 'GET', body?: unknown): Promise<T> =>
  send<T>(`oppnb/${route}${route.includes('?') ? '&' : '?'}${query({ locale })}`, method, body);

/** Ask the server; the token and the protection against forged requests are JupyterLab's own. */
async function send<T>(route: string, method: string, body?: unknown): Promise<T> {
  const url = URLExt.join(settings.baseUrl, route);
  const init: RequestInit = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const answer = await ServerConnection.makeRequest(url, init, settings);
  const told = (await answer.json().catch(() => ({}))) as T & { message?: string };
  if (!answer.ok) {
    throw new Refused(told.message ?? answer.statusText, answer.status);
  }
  return told;
}

const query = (values: Record<string, string>): string => new URLSearchParams(values).toString();
const definitions = async (tag: string): Promise<Definition[]> => {
  const { job_definitions: there } = await send<{ job_definitions: Definition[] }>(DEFINITIONS, 'GET');
  return there.filter(one => one.tags?.includes(tag));
};
const stop = (id: string): Promise<unknown> => send(`${DEFINITIONS}/${id}`, 'DELETE');

export const server = {
  texts: () => ask<Record<string, string>>('texts'),
  workspaces: () => ask<{ workspaces: string[] }>('workspaces'),
  forms: (workspace: string) => ask<{ templates: Form[]; problem: string | null }>(`templates?${query({ workspace })}`),
  choices: (data: string, workspace: string) => ask<Choices>(`choices?${query({ data, workspace })}`),
  check: (asked: Asked) => ask<{ errors: Record<string, string>; notes: Record<string, string> }>('check', 'POST', { ...asked, locale }),
  jobs: () => ask<{ jobs: Job[] }>('jobs'),
  run: (asked: Asked) => ask<Job>('jobs', 'POST', { ...asked, locale }),
  again: (id: string) => ask<Job>('jobs', 'POST', { again: id }),
  cancel: (id: string) => ask<Job>(`jobs/${id}`, 'DELETE'),
  remove: (id: string) => ask<unknown>(`jobs/${id}/entry`, 'DELETE'),
  compare: (first: string, second: string) => ask<Compared>(`compare?${query({ first, second })}`),
  start: (kind: string, given: Record<string, string>) =>
    ask<{ path: string; is_ready: boolean }>('starters', 'POST', { kind, ...given, locale }),
  stop,
  /** Only those that were made here; `null` where there is no scheduler. */
  schedules: async (): Promise<Schedule[] | null> => {
    if (!(await ask<Runs>('schedules')).has_scheduler) {
      return null;
    }
    const found = await definitions(TAG);
    const asked = found.map(one => query({ schedule: one.schedule ?? '', timezone: one.timezone ?? '' })).join('&');
    const { next } = await ask<Runs>(`schedules${asked ? `?${asked}` : ''}`);
    return found.map((one, place) => ({
      id: one.job_definition_id,
      name: one.name,
      schedule: one.schedule ?? '',
      is_active: one.active,
      next: next[place] ?? null
    }));
  },
  /** The same report once more takes the place of the first. */
  schedule: async (asked: Asked): Promise<void> => {
    const timezone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const job = await ask<{ tags: string[] }>('schedules', 'POST', { ...asked, locale, timezone });
    const same = await definitions(job.tags[job.tags.length - 1] ?? TAG);
    await Promise.all(same.map(one => stop(one.job_definition_id)));
    await send(DEFINITIONS, 'POST', job);
  }
};
