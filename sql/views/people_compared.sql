-- view:   people_compared
-- what:   comparison of the people of a video, for every metric and side that both people have
-- grain:  video_id, person_id, other_person_id, metric, side
-- units:  the unit of the metric
-- values: person_id is less than other_person_id; difference is never negative, low and high are the ends of the 95 %
--         interval of it; person_id_greater is the person with the greater value (person_id if the values are equal);
--         verdict is differs, or within_uncertainty if the difference could be noise
-- run:    in any DuckDB client, after metrics.sql and macros

CREATE OR REPLACE VIEW people_compared AS
SELECT
    a.video_id,
    a.video,
    a.run_id,
    a.person_id,
    b.person_id AS other_person_id,
    a.metric,
    a.side,
    a.value AS value_first,
    a.low AS low_first,
    a.high AS high_first,
    b.value AS value_second,
    b.low AS low_second,
    b.high AS high_second,
    CASE WHEN a.value >= b.value THEN a.person_id ELSE b.person_id END AS person_id_greater,
    abs(b.value - a.value) AS difference,
    abs(b.value - a.value) - difference_half_width(a.low, a.high, b.low, b.high) AS low,
    abs(b.value - a.value) + difference_half_width(a.low, a.high, b.low, b.high) AS high,
    a.unit,
    verdict_of(a.value, a.low, a.high, b.value, b.low, b.high) AS verdict,
    a.result_key AS result_key_first,
    b.result_key AS result_key_second,
    concat_ws('/', 'people_compared', a.video_id, a.person_id, b.person_id, a.metric, a.side) AS result_key
FROM metrics AS a
JOIN metrics AS b
    ON b.run_id = a.run_id AND b.metric = a.metric AND b.side = a.side AND b.unit = a.unit AND b.person_id > a.person_id
WHERE a.value IS NOT NULL AND b.value IS NOT NULL;
