-- view:   session_changes
-- what:   comparison of the same named athlete between different videos, for every metric and side that both videos
--         have; each video with the eight that follow it
-- grain:  video_id, person_id, other_video_id, other_person_id, metric, side
-- units:  the unit of the metric
-- values: video comes before other_video in alphabetical order (in order of time only if the file names are in that
--         order); difference is never negative, low and high are the ends of its 95 % interval; video_id_greater is
--         the video with the greater value (video_id if the values are equal); verdict is differs, or
--         within_uncertainty if the difference could be noise
-- run:    in any DuckDB client, after metrics.sql, athletes.sql and macros

CREATE OR REPLACE VIEW session_changes AS
-- Materialized, so that metrics are joined only for people in a pair; few people have a name.
WITH named AS MATERIALIZED (
    SELECT *, row_number() OVER (PARTITION BY name ORDER BY video, video_id, person_id) AS place
    FROM athletes
    WHERE name IS NOT NULL
),

pairs AS MATERIALIZED (
    SELECT one.run_id, one.person_id, one.name, two.run_id AS other_run_id, two.person_id AS other_person_id
    FROM named AS one
    JOIN named AS two ON two.name = one.name AND two.place BETWEEN one.place + 1 AND one.place + 8
    WHERE two.video_id <> one.video_id
),

measured AS MATERIALIZED (
    SELECT *
    FROM metrics
    WHERE value IS NOT NULL AND run_id IN (SELECT run_id FROM named)
)

SELECT
    a.video_id,
    a.video,
    a.run_id,
    a.person_id,
    pairs.name,
    b.video_id AS other_video_id,
    b.video AS other_video,
    b.person_id AS other_person_id,
    a.metric,
    a.side,
    a.value AS value_first,
    a.low AS low_first,
    a.high AS high_first,
    b.value AS value_second,
    b.low AS low_second,
    b.high AS high_second,
    CASE WHEN a.value >= b.value THEN a.video_id ELSE b.video_id END AS video_id_greater,
    abs(b.value - a.value) AS difference,
    abs(b.value - a.value) - difference_half_width(a.low, a.high, b.low, b.high) AS low,
    abs(b.value - a.value) + difference_half_width(a.low, a.high, b.low, b.high) AS high,
    a.unit,
    verdict_of(a.value, a.low, a.high, b.value, b.low, b.high) AS verdict,
    a.result_key AS result_key_first,
    b.result_key AS result_key_second,
    concat_ws('/', 'session_changes', a.video_id, a.person_id, b.video_id, b.person_id, a.metric, a.side) AS result_key
FROM pairs
JOIN measured AS a ON a.run_id = pairs.run_id AND a.person_id = pairs.person_id
JOIN measured AS b
    ON b.run_id = pairs.other_run_id AND b.person_id = pairs.other_person_id AND b.metric = a.metric AND b.side = a.side AND b.unit = a.unit;
