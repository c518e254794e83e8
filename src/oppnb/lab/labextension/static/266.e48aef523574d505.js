"use strict";(self.rspackChunkoppnb=self.rspackChunkoppnb||[]).push([[266],{646(o,r,e){var n=e(601),p=e.n(n),t=e(314),a=(e.n(t))()(p());a.push([o.id,`.oppnb-panel {
  overflow: auto; padding: 8px 12px 24px; min-width: 260px; background: var(--jp-layout-color1);
  color: var(--jp-ui-font-color1); font-size: var(--jp-ui-font-size1); line-height: 1.45;
}
.oppnb-panel h2 { font-size: 16px; font-weight: 650; margin: 4px 0 8px; }
.oppnb-panel h3 { font-size: 14px; font-weight: 650; margin: 20px 0 6px; }
.oppnb-panel [hidden] { display: none !important; }
.oppnb-row { display: flex; flex-direction: column; gap: 2px; margin: 8px 0; }
.oppnb-row label { font-weight: 600; }
.oppnb-row :is(input, select) {
  font: inherit; color: inherit; background: var(--jp-layout-color0); border: 1px solid var(--jp-border-color0, #767676);
  border-radius: 3px; padding: 4px 6px; min-height: 30px; width: 100%; box-sizing: border-box;
}
.oppnb-row [aria-invalid="true"] { border: 2px solid var(--jp-error-color1, #d32f2f); }
.oppnb-panel :is(button, input, select, summary, [tabindex]):focus-visible {
  outline: 2px solid var(--jp-brand-color1); outline-offset: 1px;
}
.oppnb-more { margin: 8px 0; }
.oppnb-more summary { cursor: pointer; font-weight: 600; }
.oppnb-panel label + :is(input, select) { margin-top: 2px; }
.oppnb-help { color: var(--jp-ui-font-color1); opacity: .82; font-size: 12px; margin: 0; overflow-wrap: anywhere; }
.oppnb-fault { color: var(--jp-ui-font-color1); border-left: 4px solid var(--jp-error-color1, #d32f2f); padding: 2px 8px; margin: 4px 0; white-space: pre-line; overflow-wrap: anywhere; }
.oppnb-panel .oppnb-note { border-left: 4px solid var(--jp-warn-color1, #c77700); padding: 2px 8px; margin: 4px 0; overflow-wrap: anywhere; }
.oppnb-buttons { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; }
.oppnb-button {
  font: inherit; color: inherit; background: var(--jp-layout-color2); border: 1px solid var(--jp-border-color1);
  border-radius: 3px; padding: 3px 10px; min-height: 28px; cursor: pointer;
}
.oppnb-button:hover { background: var(--jp-layout-color3); }
.oppnb-button:disabled { opacity: .6; cursor: default; }
.oppnb-main { font-weight: 650; border-color: var(--jp-brand-color1); }
.oppnb-list { list-style: none; margin: 0; padding: 0; }
.oppnb-list li { border-top: 1px solid var(--jp-border-color2); padding: 8px 0; }
.oppnb-head { display: flex; justify-content: space-between; gap: 8px; align-items: baseline; }
.oppnb-state { font-size: 12px; padding: 0 6px; border-radius: 8px; border: 1px solid var(--jp-border-color1); white-space: nowrap; }
.oppnb-done { border-color: var(--jp-success-color1, #388e3c); }
.oppnb-failed { border-color: var(--jp-error-color1, #d32f2f); border-width: 2px; }
.oppnb-progress { display: flex; gap: 8px; align-items: center; margin: 4px 0; }
.oppnb-progress progress { flex: 1; accent-color: var(--jp-brand-color1); }
.oppnb-figures { margin: 4px 0; }
.oppnb-figures > div { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 8px; align-items: center; }
.oppnb-figures dt { margin: 0; }
.oppnb-figures dd { display: flex; gap: 8px; align-items: center; margin: 0 0 0 auto; white-space: nowrap; font-variant-numeric: tabular-nums; }
.oppnb-spark { width: 96px; height: 24px; display: block; }
.oppnb-spark polyline { fill: none; stroke: var(--jp-brand-color1); stroke-width: 1.5; }
.oppnb-spark circle { fill: var(--jp-brand-color1); }
.oppnb-scroll { max-height: 60vh; overflow: auto; }
.oppnb-scroll table { border-collapse: collapse; font-size: 12px; width: 100%; table-layout: fixed; }
.oppnb-scroll :is(th, td) { text-align: right; padding: 2px 4px; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.oppnb-scroll th:last-child { width: 38%; }
.oppnb-scroll thead th { position: sticky; top: 0; background: var(--jp-layout-color1); }
.oppnb-scroll tbody th { text-align: left; width: auto; padding-top: 6px; }
.oppnb-scroll tbody { border-top: 1px solid var(--jp-border-color2); }
.oppnb-tick { display: inline-flex; gap: 4px; align-items: center; min-height: 28px; }
.oppnb-tick input { margin: 0; width: 16px; height: 16px; accent-color: var(--jp-brand-color1); }
.oppnb-compared { border: 1px solid var(--jp-border-color1); border-radius: 3px; padding: 8px; margin: 8px 0; }
.oppnb-compared h4 { font-size: 13px; font-weight: 650; margin: 0 0 4px; outline: none; }
.oppnb-alerts { margin: 2px 0 8px; padding-left: 18px; }
.oppnb-panel .oppnb-alerts li { border: 0; padding: 1px 0; overflow-wrap: anywhere; }
.oppnb-row .oppnb-button { align-self: flex-start; margin-top: 4px; }
.oppnb-spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { .oppnb-panel * { transition: none !important; animation: none !important; } }
`,""]),e.d(r,{},{A:a})},314(o){o.exports=function(o){var r=[];return r.toString=function(){return this.map(function(r){var e="",n=void 0!==r[5];return r[4]&&(e+="@supports (".concat(r[4],") {")),r[2]&&(e+="@media ".concat(r[2]," {")),n&&(e+="@layer".concat(r[5].length>0?" ".concat(r[5]):""," {")),e+=o(r),n&&(e+="}"),r[2]&&(e+="}"),r[4]&&(e+="}"),e}).join("")},r.i=function(o,e,n,p,t){"string"==typeof o&&(o=[[null,o,void 0]]);var a={};if(n)for(var i=0;i<this.length;i++){var l=this[i][0];null!=l&&(a[l]=!0)}for(var s=0;s<o.length;s++){var c=[].concat(o[s]);n&&a[c[0]]||(void 0!==t&&(void 0===c[5]||(c[1]="@layer".concat(c[5].length>0?" ".concat(c[5]):""," {").concat(c[1],"}")),c[5]=t),e&&(c[2]&&(c[1]="@media ".concat(c[2]," {").concat(c[1],"}")),c[2]=e),p&&(c[4]?(c[1]="@supports (".concat(c[4],") {").concat(c[1],"}"),c[4]=p):c[4]="".concat(p)),r.push(c))}},r}},601(o){o.exports=function(o){return o[1]}},665(o,r,e){e.r(r);var n=e(72),p=e.n(n),t=e(825),a=e.n(t),i=e(659),l=e.n(i),s=e(56),c=e.n(s),d=e(540),u=e.n(d),b=e(113),f=e.n(b),x=e(646),h={};h.styleTagTransform=f(),h.setAttributes=c(),h.insert=l().bind(null,"head"),h.domAPI=a(),h.insertStyleElement=u(),p()(x.A,h);let g=x.A&&x.A.locals?x.A.locals:void 0;e.d(r,{},{default:g})},72(o){var r=[];function e(o){for(var e=-1,n=0;n<r.length;n++)if(r[n].identifier===o){e=n;break}return e}function n(o,n){for(var p={},t=[],a=0;a<o.length;a++){var i=o[a],l=n.base?i[0]+n.base:i[0],s=p[l]||0,c="".concat(l," ").concat(s);p[l]=s+1;var d=e(c),u={css:i[1],media:i[2],sourceMap:i[3],supports:i[4],layer:i[5]};if(-1!==d)r[d].references++,r[d].updater(u);else{var b=function(o,r){var e=r.domAPI(r);return e.update(o),function(r){r?(r.css!==o.css||r.media!==o.media||r.sourceMap!==o.sourceMap||r.supports!==o.supports||r.layer!==o.layer)&&e.update(o=r):e.remove()}}(u,n);n.byIndex=a,r.splice(a,0,{identifier:c,updater:b,references:1})}t.push(c)}return t}o.exports=function(o,p){var t=n(o=o||[],p=p||{});return function(o){o=o||[];for(var a=0;a<t.length;a++){var i=e(t[a]);r[i].references--}for(var l=n(o,p),s=0;s<t.length;s++){var c=e(t[s]);0===r[c].references&&(r[c].updater(),r.splice(c,1))}t=l}}},659(o){var r={};o.exports=function(o,e){var n=function(o){if(void 0===r[o]){var e=document.querySelector(o);if(window.HTMLIFrameElement&&e instanceof window.HTMLIFrameElement)try{e=e.contentDocument.head}catch(o){e=null}r[o]=e}return r[o]}(o);if(!n)throw Error("Couldn't find a style target. This probably means that the value for the 'insert' parameter is invalid.");n.appendChild(e)}},540(o){o.exports=function(o){var r=document.createElement("style");return o.setAttributes(r,o.attributes),o.insert(r,o.options),r}},56(o,r,e){o.exports=function(o){var r=e.nc;r&&o.setAttribute("nonce",r)}},825(o){o.exports=function(o){if("u"<typeof document)return{update:function(){},remove:function(){}};var r=o.insertStyleElement(o);return{update:function(e){var n,p,t;n="",e.supports&&(n+="@supports (".concat(e.supports,") {")),e.media&&(n+="@media ".concat(e.media," {")),(p=void 0!==e.layer)&&(n+="@layer".concat(e.layer.length>0?" ".concat(e.layer):""," {")),n+=e.css,p&&(n+="}"),e.media&&(n+="}"),e.supports&&(n+="}"),(t=e.sourceMap)&&"u">typeof btoa&&(n+="\n/*# sourceMappingURL=data:application/json;base64,".concat(btoa(unescape(encodeURIComponent(JSON.stringify(t))))," */")),o.styleTagTransform(n,r,o.options)},remove:function(){var o;null===(o=r).parentNode||o.parentNode.removeChild(o)}}}},113(o){o.exports=function(o,r){if(r.styleSheet)r.styleSheet.cssText=o;else{for(;r.firstChild;)r.removeChild(r.firstChild);r.appendChild(document.createTextNode(o))}}}}]);