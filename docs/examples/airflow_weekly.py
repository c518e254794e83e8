"""A client's weekly reports: put this file into the folder of DAGs, set the places."""

from datetime import timedelta
from typing import Any

import pendulum
from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

CLIENT = "/srv/client-a"
OPPNB = "/srv/oppnb/bin/oppnb"  # an environment of its own, apart from Airflow's
HOPELESS = (2, 3)  # bad configuration, data refused: trying again changes nothing


class RunReports(BashOperator):
    """`oppnb run`: exit code 0 is success, 1 is tried again, 2 and 3 fail at once."""

    def execute(self, context: Any) -> Any:
        try:
            return super().execute(context)
        except AirflowSkipException as error:  # one of `skip_on_exit_code`
            said = str(error).replace(" Skipping.", " Its last lines say why.")
            raise AirflowFailException(said) from error


with DAG(
    dag_id="oppnb_weekly",
    schedule="0 7 * * 1",
    start_date=pendulum.datetime(2026, 1, 5, tz="Asia/Shanghai"),  # of the schedule
    catchup=False,  # an export holds its own past: there is nothing to make up for
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=15)},
) as dag:
    fetch = BashOperator(
        task_id="fetch_export",
        cwd=CLIENT,
        bash_command="./fetch_export data/export",
    )

    weekly = RunReports(
        task_id="weekly",
        cwd=CLIENT,
        bash_command=f"{OPPNB} run weekly --resume",
        skip_on_exit_code=HOPELESS,
    )

    notebook = PapermillOperator(  # one template as a notebook, without the report's files
        task_id="notebook",
        input_nb=f"{CLIENT}/templates/pipeline_review.ipynb",
        output_nb=f"{CLIENT}/reports/pipeline_review-{{{{ ds }}}}.ipynb",
        parameters={
            "data": f"{CLIENT}/data/export",
            "workspace": f"{CLIENT}/oppnb.yaml",
        },
        kernel_name="oppnb",
    )

    fetch >> [weekly, notebook]
