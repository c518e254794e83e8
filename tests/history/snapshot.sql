-- The snapshot in a second wording, for the tests only: one day, plain SQL of DuckDB, no validity ranges.
-- Parameters: $as_of, $cutoff, $since_7, $since_30, $since_90, $begins (moments), $is_export_known, $is_counting.
-- Tables: opportunities, opportunity_history (with seq), activities, contacts, and texts: what each (process, stage) means.
WITH told AS (
    SELECT h.*, coalesce(o.process, '') AS process_text
    FROM opportunity_history h
    LEFT JOIN (SELECT opportunity_id, any_value(process) AS process FROM opportunities GROUP BY ALL) o USING (opportunity_id)
    WHERE h.changed_at < $cutoff AND h.opportunity_id IS NOT NULL
),
meant AS (
    SELECT told.*, t.stage AS stage_name, t.position, t.outcome, t.stage_key
    FROM told LEFT JOIN texts t ON told.stage = t.stage_text AND told.process_text = t.process_text
),
filled AS (
    SELECT
        opportunity_id, changed_at, seq,
        last_value(stage_name IGNORE NULLS) OVER rows_so_far AS stage_name,
        last_value(stage_key IGNORE NULLS) OVER rows_so_far AS stage_key,
        last_value(outcome IGNORE NULLS) OVER rows_so_far AS outcome,
        CASE WHEN last_value(stage_key IGNORE NULLS) OVER rows_so_far IS NOT NULL
            THEN arg_max(coalesce(position, -1), seq_of_stage) OVER rows_so_far END AS position,
        last_value(amount IGNORE NULLS) OVER rows_so_far AS amount,
        last_value(expected_close_on IGNORE NULLS) OVER rows_so_far AS close_on,
        last_value(owner_id IGNORE NULLS) OVER rows_so_far AS owner_id,
        last_value(forecast_category IGNORE NULLS) OVER rows_so_far AS forecast_category,
        last_value(next_step IGNORE NULLS) OVER rows_so_far AS next_step,
        last_value(next_step_due_on IGNORE NULLS) OVER rows_so_far AS next_step_due_on
    FROM (
        SELECT *, CASE WHEN stage IS NOT NULL
            THEN row_number() OVER (PARTITION BY opportunity_id ORDER BY changed_at, seq) END AS seq_of_stage
        FROM meant
    )
    WINDOW rows_so_far AS (PARTITION BY opportunity_id ORDER BY changed_at, seq ROWS UNBOUNDED PRECEDING)
),
steps AS (
    SELECT *,
        lag(stage_key) OVER w AS key_before,
        lag(outcome) OVER w AS outcome_before,
        lag(position) OVER w AS position_before,
        lag(close_on) OVER w AS close_before
    FROM filled WINDOW w AS (PARTITION BY opportunity_id ORDER BY changed_at, seq)
),
counted AS (
    SELECT
        opportunity_id,
        min(changed_at) AS first_at,
        max(changed_at) FILTER (stage_key IS NOT NULL AND stage_key IS DISTINCT FROM key_before) AS entered_at,
        max(changed_at) FILTER (outcome IS NOT NULL AND outcome IS DISTINCT FROM outcome_before) AS outcome_at,
        count(*) FILTER (changed_at >= $begins AND open_twice AND close_on > close_before) AS n_pushes,
        coalesce(sum(date_diff('day', close_before, close_on))
            FILTER (changed_at >= $begins AND open_twice AND close_on > close_before), 0) AS days_pushed,
        count(*) FILTER (changed_at >= $begins AND open_twice AND close_on < close_before) AS n_pulls,
        count(*) FILTER (changed_at >= $begins AND stage_key <> key_before) AS n_stage_changes,
        count(*) FILTER (changed_at >= $begins AND open_twice AND stage_key <> key_before
            AND position >= 0 AND position_before >= 0 AND position < position_before) AS n_regressions,
        last(stage_name ORDER BY changed_at, seq) AS stage_name,
        nullif(last(position ORDER BY changed_at, seq), -1) AS position,
        last(outcome ORDER BY changed_at, seq) AS outcome,
        last(amount ORDER BY changed_at, seq) AS amount,
        last(close_on ORDER BY changed_at, seq) AS close_on,
        last(owner_id ORDER BY changed_at, seq) AS owner_id,
        last(forecast_category ORDER BY changed_at, seq) AS forecast_category,
        last(next_step ORDER BY changed_at, seq) AS next_step,
        last(next_step_due_on ORDER BY changed_at, seq) AS next_step_due_on
    FROM (
        SELECT *, coalesce(outcome, 'open') = 'open' AND coalesce(outcome_before, 'open') = 'open' AS open_twice
        FROM steps
    )
    GROUP BY opportunity_id
),
tracked AS (
    SELECT
        coalesce(bool_or(stage IS NOT NULL), false) AS stage,
        coalesce(bool_or(amount IS NOT NULL), false) AS amount,
        coalesce(bool_or(expected_close_on IS NOT NULL), false) AS close_on,
        coalesce(bool_or(owner_id IS NOT NULL), false) AS owner,
        coalesce(bool_or(outcome IN ('won', 'lost')), false) AS closing
    FROM meant
),
exported AS (
    SELECT o.*, t.stage AS x_stage, t.position AS x_position, coalesce(t.process, o.process) AS x_process,
        coalesce(CASE WHEN t.is_configured THEN t.outcome
            WHEN o.outcome IN ('open', 'won', 'lost') THEN o.outcome ELSE t.outcome END, 'open') AS x_outcome
    FROM opportunities o
    LEFT JOIN texts t ON coalesce(o.stage, '') = t.stage_text AND coalesce(o.process, '') = t.process_text
),
joined AS (
    SELECT x.*, c.* EXCLUDE (opportunity_id, outcome, amount, owner_id, forecast_category, next_step, next_step_due_on),
        c.outcome AS h_outcome, c.amount AS h_amount, c.owner_id AS h_owner, c.forecast_category AS h_category,
        c.next_step AS h_step, c.next_step_due_on AS h_due, tracked AS k,
        CASE WHEN x.closed_at IS NULL THEN $is_export_known ELSE x.closed_at < $cutoff END AS closes_in_time
    FROM exported x LEFT JOIN counted c USING (opportunity_id) CROSS JOIN tracked
    WHERE c.first_at IS NOT NULL OR x.created_at < $cutoff OR (x.created_at IS NULL AND $is_export_known)
),
decided AS (
    SELECT *,
        x_outcome <> 'open' AND coalesce(h_outcome, 'open') = 'open' AND ($is_export_known OR NOT k.closing)
        AND closes_in_time AND (closed_at IS NULL OR entered_at IS NULL OR closed_at >= entered_at
            OR ($is_export_known AND position IS NULL AND coalesce(stage_name = x_stage, false))) AS by_export
    FROM joined
),
dated AS (
    SELECT *,
        CASE WHEN by_export THEN x_outcome ELSE coalesce(h_outcome, 'open') END AS s_outcome,
        CASE WHEN by_export THEN closed_at WHEN h_outcome IN ('won', 'lost') THEN outcome_at END AS s_closed_at,
        CASE WHEN by_export THEN closed_at ELSE entered_at END AS s_entered_at,
        least(created_at, first_at) AS s_created_at
    FROM decided
),
events AS (
    SELECT d.opportunity_id, a.occurred_at FROM dated d JOIN activities a ON a.opportunity_id = d.opportunity_id
    UNION ALL
    SELECT d.opportunity_id, a.occurred_at FROM dated d JOIN activities a
        ON a.opportunity_id IS NULL AND a.account_id = d.account_id
        AND a.occurred_at >= d.s_created_at AND (d.s_closed_at IS NULL OR a.occurred_at <= d.s_closed_at)
),
met AS (
    SELECT opportunity_id, contact_id FROM activities
    WHERE occurred_at < $cutoff AND contact_id IS NOT NULL AND opportunity_id IS NOT NULL
    UNION
    SELECT opportunity_id, contact_id FROM contacts WHERE $is_export_known
)
SELECT
    opportunity_id, $as_of AS as_of, name, account_id,
    coalesce(h_owner, CASE WHEN $is_export_known OR (NOT k.owner AND s_outcome <> 'open') THEN owner_id END) AS owner_id,
    x_process AS process,
    CASE WHEN by_export THEN x_stage ELSE coalesce(stage_name, CASE WHEN $is_export_known THEN x_stage END) END AS stage,
    CASE WHEN by_export THEN x_position WHEN stage_name IS NOT NULL THEN position
        WHEN $is_export_known THEN x_position END AS stage_position,
    s_outcome AS outcome,
    coalesce(h_amount, CASE WHEN $is_export_known OR (NOT k.amount AND s_outcome <> 'open') THEN amount END) AS amount,
    currency,
    coalesce(close_on, CASE WHEN $is_export_known OR (NOT k.close_on AND s_outcome <> 'open')
        THEN expected_close_on END) AS expected_close_on,
    coalesce(h_category, CASE WHEN $is_export_known THEN forecast_category END) AS forecast_category,
    coalesce(h_step, CASE WHEN $is_export_known THEN next_step END) AS next_step,
    coalesce(h_due, CASE WHEN $is_export_known THEN next_step_due_on END) AS next_step_due_on,
    region,
    s_created_at AS created_at, s_closed_at AS closed_at, s_entered_at AS entered_stage_at,
    date_diff('second', date_trunc('second', s_entered_at), $cutoff) / 86400.0::DOUBLE AS days_in_stage,
    date_diff('second', date_trunc('second', s_created_at), date_trunc('second', coalesce(s_closed_at, $cutoff)))
        / 86400.0::DOUBLE AS age_days,
    CASE WHEN $is_counting AND k.stage AND k.close_on THEN n_pushes END AS n_pushes,
    CASE WHEN $is_counting AND k.stage AND k.close_on THEN days_pushed END AS days_pushed,
    CASE WHEN $is_counting AND k.stage AND k.close_on THEN n_pulls END AS n_pulls,
    CASE WHEN $is_counting AND k.stage THEN n_stage_changes END AS n_stage_changes,
    CASE WHEN $is_counting AND k.stage THEN n_stage_changes > 0 END AS has_moved,
    CASE WHEN $is_counting AND k.stage THEN n_regressions END AS n_stage_regressions,
    (SELECT count(*) FROM events e WHERE e.opportunity_id = d.opportunity_id
        AND e.occurred_at < $cutoff AND e.occurred_at >= $since_7) AS n_activities_last_7_days,
    (SELECT count(*) FROM events e WHERE e.opportunity_id = d.opportunity_id
        AND e.occurred_at < $cutoff AND e.occurred_at >= $since_30) AS n_activities_last_30_days,
    (SELECT count(*) FROM events e WHERE e.opportunity_id = d.opportunity_id
        AND e.occurred_at < $cutoff AND e.occurred_at >= $since_90) AS n_activities_last_90_days,
    (SELECT date_diff('second', date_trunc('second', max(e.occurred_at)), $cutoff) / 86400.0::DOUBLE FROM events e
        WHERE e.opportunity_id = d.opportunity_id AND e.occurred_at < $cutoff) AS days_since_last_activity,
    (SELECT count(*) FROM met m WHERE m.opportunity_id = d.opportunity_id) AS n_contacts,
    CASE WHEN $is_export_known OR s_outcome <> 'open' THEN lost_reason END AS lost_reason,
    CASE WHEN $is_export_known OR s_outcome <> 'open' THEN crm_score END AS crm_score,
    colour
FROM dated d
ORDER BY opportunity_id
