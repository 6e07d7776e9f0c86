-- query:  far sides
-- what:   the side of the body away from the camera, for people who are seen from the side most of the time
-- grain:  person_id, far_side
-- values: far_side is left or right; two rows for a person who turns around
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

WITH times AS (
    SELECT
        run_id,
        person_id,
        if(facing = 'right', 'left', 'right') AS far_side,
        sum(last_frame_idx - first_frame_idx + 1) AS n_frames
    FROM facings
    WHERE video_id = getvariable('video_id') AND facing IN ('left', 'right')
    GROUP BY ALL
)

SELECT times.person_id::INTEGER AS person_id, far_side
FROM times
JOIN side_views ON side_views.run_id = times.run_id AND side_views.person_id = times.person_id
WHERE side_views.side_view_share >= 0.5
-- Ignores sides with less than a tenth of the time: facing is found for spans of time, and short spans are uncertain.
QUALIFY n_frames >= 0.1 * sum(n_frames) OVER (PARTITION BY times.person_id)
ORDER BY person_id, far_side
