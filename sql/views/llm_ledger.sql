-- view:   llm_ledger
-- what:   every request to a language model's provider, including failed requests, with its worst-case cost and its
--         actual cost
-- grain:  call_id
-- units:  cost_usd, worst_cost_usd in US dollars; duration_s in seconds
-- values: outcome is ok, cut_off (by max_tokens), refused (by the model), invalid (the answer is not usable),
--         http_error (the provider answered with an error, which costs nothing), lost (no answer arrived: costs the
--         worst case), unsent (the request did not reach the provider), expired (the batch ended before the request
--         was processed) or open (still running, or the process died: costs the worst case until the outcome is
--         known). input_tokens is all input; cached_tokens is its part from the provider's cache; tokens are NULL if
--         unknown; plan_id is the name of the batch in journal/batches.jsonl
-- run:    from the dataset folder, in any DuckDB client; posekit inserts the path of the folder; the data come from
--         `posekit synth`

CREATE OR REPLACE VIEW llm_ledger AS
WITH texts AS (
    SELECT unnest(string_split(content, chr(10))) AS text
    FROM read_text('journal/ledger.jsonl')
),
-- Skips incomplete lines, for example after a power cut.
lines AS (
    SELECT unnest(from_json(
        CASE WHEN json_valid(text) THEN text END,
        '{
            "line": "VARCHAR", "call_id": "VARCHAR", "job_id": "VARCHAR", "content_hash": "VARCHAR",
            "api": "VARCHAR", "model": "VARCHAR", "is_batch": "BOOLEAN", "plan_id": "VARCHAR",
            "worst_nano_usd": "BIGINT", "cost_nano_usd": "BIGINT", "input_tokens": "BIGINT",
            "cached_tokens": "BIGINT", "cache_write_tokens": "BIGINT", "output_tokens": "BIGINT",
            "http_status": "INTEGER", "outcome": "VARCHAR", "message": "VARCHAR", "time_unix_ms": "BIGINT"
        }'
    ))
    FROM texts
)
SELECT
    sent.call_id,
    sent.job_id,
    sent.api,
    sent.model,
    sent.is_batch,
    sent.plan_id,
    sent.content_hash,
    epoch_ms(sent.time_unix_ms) AS sent_at,
    (ended.time_unix_ms - sent.time_unix_ms) / 1e3 AS duration_s,
    coalesce(ended.outcome, 'open') AS outcome,
    ended.http_status,
    ended.input_tokens,
    ended.cached_tokens,
    ended.cache_write_tokens,
    ended.output_tokens,
    coalesce(ended.cost_nano_usd, sent.worst_nano_usd) / 1e9 AS cost_usd,
    sent.worst_nano_usd / 1e9 AS worst_cost_usd,
    ended.message
FROM lines AS sent
LEFT JOIN lines AS ended ON ended.call_id = sent.call_id AND ended.line = 'settled'
WHERE sent.line = 'intent';
