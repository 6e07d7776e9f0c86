-- examples: no_meters
-- what:     lengths and speeds of a person whose scale is unknown
-- grain:    video_id, person_id, question
-- needs:    athletes, scales
-- run:      by `posekit export-llm`, on the catalog

SELECT
    concat_ws('/', 'no_meters', scales.video_id, scales.person_id, question) AS row_key,
    scales.video_id,
    scales.person_id,
    athletes.first_time_s,
    athletes.last_time_s,
    fact(
        NULL, NULL, NULL, 'm', 'none', thing, NULL, '',
        'sql:SELECT meters_per_px FROM scales WHERE video_id = ''' || scales.video_id || ''' AND person_id = ' || scales.person_id
            || ' AND meters_per_px IS NOT NULL',
        ''
    ) AS missing,
    thing,
    question
FROM scales
JOIN athletes ON athletes.run_id = scales.run_id AND athletes.person_id = scales.person_id
CROSS JOIN (
    VALUES
        ('way', 'way of the hips in meters'),
        ('hand', 'hand speed in meters per second'),
        ('height', 'standing height in meters')
) AS asked (question, thing)
WHERE scales.meters_per_px IS NULL
ORDER BY scales.video_id, row_key
