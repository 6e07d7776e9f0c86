-- examples: asymmetry
-- what:     the metrics of a person that differ between left and right by more than the uncertainty, or that none does
-- grain:    video_id, person_id
-- needs:    sides_compared, athletes
-- run:      by `posekit export-llm`, on the catalog

WITH compared AS (
    SELECT
        *,
        verdict = 'differs' AS is_different,
        fact(difference, low, high, unit, side_greater, 'difference of the ' || metric_words(metric), metric_joint(metric), 'sides_compared', result_key, 'difference') AS gap,
        difference / nullif((high - low) / 2, 0) AS clearness
    FROM sides_compared
    WHERE low IS NOT NULL AND high > low AND metric NOT LIKE '%peak_velocity%' AND metric NOT LIKE 'wrist%'
),

ranked AS (
    SELECT
        *,
        row_number() OVER (PARTITION BY run_id, person_id, verdict ORDER BY clearness DESC, metric) AS place
    FROM compared
)

SELECT
    concat_ws('/', 'asymmetry', r.video_id, r.person_id) AS row_key,
    r.video_id,
    r.person_id,
    any_value(athletes.first_time_s) AS first_time_s,
    any_value(athletes.last_time_s) AS last_time_s,
    list(gap ORDER BY place) FILTER (is_different AND place <= 5) AS different,
    -- Of a far side it cannot be said whether it is different or alike.
    list(gap ORDER BY place) FILTER (verdict = 'within_uncertainty' AND place <= 4) AS alike,
    count(*) FILTER (is_different) > 0 AS has_different,
    count(*) FILTER (is_different) > 5 AS has_more,
    count(*) FILTER (verdict = 'within_uncertainty') > 0 AS has_alike,
    min(CASE far_side WHEN 'left' THEN 'right' WHEN 'right' THEN 'left' END) AS near_side,
    min(far_side) AS far_side
FROM ranked AS r
JOIN athletes ON athletes.run_id = r.run_id AND athletes.person_id = r.person_id
GROUP BY r.video_id, r.run_id, r.person_id
HAVING count(*) >= 2
ORDER BY r.video_id, row_key
