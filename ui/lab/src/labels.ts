// Written from the catalogue by `python -m oppnb.lab.bundle labels`.
export const LABELS: Record<string, Record<string, string>> = {
  "en": {
    "category": "Sales pipeline",
    "panel": "Pipeline review",
    "open_panel": "Open the pipeline panel",
    "review_this": "Review this pipeline",
    "server_missing": "The server part of oppnb does not answer. Install oppnb where JupyterLab runs, switch it on with jupyter server extension enable oppnb.lab, and start JupyterLab again.",
    "lost": "The server does not answer. The run goes on there; this panel looks again by itself.",
    "try_again": "Try again",
    "start_workspace": "New workspace",
    "start_data": "Open data",
    "start_stages": "Stage configuration",
    "start_scoring": "Scoring",
    "start_forecast": "Forecast",
    "start_review": "Pipeline review"
  },
  "zh_CN": {
    "category": "销售管道",
    "panel": "管道评审",
    "open_panel": "打开管道面板",
    "review_this": "评审此管道",
    "server_missing": "oppnb 的服务器部分没有应答。请在运行 JupyterLab 的环境中安装 oppnb，用 jupyter server extension enable oppnb.lab 启用，然后重新启动 JupyterLab。",
    "lost": "服务器没有应答。运行仍在那里继续；此面板会自动重新查看。",
    "try_again": "重试",
    "start_workspace": "新建工作区",
    "start_data": "打开数据",
    "start_stages": "阶段配置",
    "start_scoring": "评分",
    "start_forecast": "预测",
    "start_review": "管道评审"
  }
};
