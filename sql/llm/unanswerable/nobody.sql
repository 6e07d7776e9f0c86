-- examples: nobody
-- what:     a question about a person who is not in the video
-- grain:    video_id
-- needs:    athletes, metrics
-- run:      by `posekit export-llm`, on the catalog

WITH videos_people AS (
    SELECT
        video_id,
        count(*) AS n,
        max(person_id)::INTEGER + 1 + (md5_number_lower(video_id) % 4)::INTEGER AS asked_person,
        min(first_time_s) AS first_time_s,
        max(last_time_s) AS last_time_s
    FROM athletes
    GROUP BY video_id
)

SELECT
    concat_ws('/', 'nobody', video_id, asked_person) AS row_key,
    video_id,
    NULL::INTEGER AS person_id,
    first_time_s,
    last_time_s,
    fact(NULL, NULL, NULL, '%', 'none', 'share of frames in which the person was found', NULL, 'metrics',
        concat_ws('/', 'metrics', video_id, asked_person, 'coverage', 'none'), 'value') AS missing,
    asked_person::VARCHAR AS asked,
    n = 1 AS is_alone
FROM videos_people
ORDER BY video_id, row_key
