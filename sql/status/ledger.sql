-- query:  ledger
-- what:   every request to a language model's provider, newest first, with its cost
-- grain:  call_id
-- units:  US dollars
-- run:    in any DuckDB client, on the catalog

SELECT
    strftime(sent_at, '%Y-%m-%d %H:%M:%S') AS sent_utc,
    model,
    CASE WHEN is_batch THEN 'batch' ELSE 'online' END AS way,
    outcome,
    input_tokens AS tokens_in,
    cached_tokens AS cached,
    output_tokens AS tokens_out,
    round(cost_usd, 6) AS cost_usd,
    round(sum(cost_usd) OVER (ORDER BY sent_at, call_id), 6) AS total_usd
FROM llm_ledger
ORDER BY sent_at DESC, call_id DESC
