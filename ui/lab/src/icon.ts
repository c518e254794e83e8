import { LabIcon } from '@jupyterlab/ui-components';

/** A funnel of three bars. */
export const pipelineIcon = new LabIcon({
  name: 'oppnb:pipeline',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16"><g class="jp-icon3" fill="#616161">
<rect x="3" y="4" width="18" height="4" rx="1"/><rect x="6" y="10" width="12" height="4" rx="1"/>
<rect x="9" y="16" width="6" height="4" rx="1"/></g></svg>`
});
