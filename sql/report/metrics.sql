-- query:  metrics
-- what:   the metrics of all people with their intervals
-- grain:  person_id, metric, side
-- units:  the unit of the metric; low and high are the ends of the 95 % interval; time_s in seconds from the first
--         frame
-- values: side is left, right, both or none; value is NULL if it could not be measured, and note says why; note also says if
--         the interval reaches further than half of the value, and if the side is a far side; n_variants, n_found,
--         lowest and highest are those of stability, NULL if it was not measured
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    metrics.person_id::INTEGER AS person_id,
    metrics.metric::VARCHAR AS metric,
    metrics.side::VARCHAR AS side,
    metrics.value,
    low,
    high,
    metrics.unit::VARCHAR AS unit,
    n,
    time_s,
    scale::VARCHAR AS scale,
    nullif(concat_ws(
        '; ',
        CASE WHEN is_vague(metrics.value, low, high) THEN 'uncertain by more than half of the value' END,
        note,
        CASE WHEN far_sides.side = metrics.side THEN 'far side: an estimate' END
    ), '') AS note,
    n_variants,
    n_found,
    lowest,
    highest
FROM metrics
LEFT JOIN stability
    ON stability.run_id = metrics.run_id AND stability.person_id = metrics.person_id
    AND stability.metric = metrics.metric AND stability.side = metrics.side
LEFT JOIN far_sides
    ON far_sides.video_id = metrics.video_id AND far_sides.run_id = metrics.run_id AND far_sides.person_id = metrics.person_id
    AND far_sides.limb = limb_of(metrics.metric)
WHERE metrics.video_id = getvariable('video_id')
ORDER BY metrics.person_id, metrics.metric, metrics.side
