-- view:   side_views
-- what:   the share of the time in which the picture shows a person from the side: only then are angles in the plane
--         of the picture flexion
-- grain:  video_id, person_id
-- units:  side_view_share 0..1 of the person's time
-- values: a person counts as seen from the side if the body is turned to the camera's axis by 60 to 120 degrees; note
--         is a sentence for metrics of 2D angles if side_view_share is less than half, else NULL
-- run:    in any DuckDB client, after facings.sql

CREATE OR REPLACE VIEW side_views AS
WITH shares AS (
    SELECT
        video_id,
        run_id,
        person_id,
        coalesce(
            sum(last_frame_idx - first_frame_idx + 1) FILTER (facing IN ('left', 'right') AND abs(abs(yaw_deg) - 90) <= 30), 0
        ) / sum(last_frame_idx - first_frame_idx + 1) AS side_view_share
    FROM facings
    GROUP BY video_id, run_id, person_id
)

SELECT
    *,
    CASE WHEN side_view_share < 0.5
        THEN 'seen from the front, the back or obliquely for most of the time: the angle in space says more'
    END AS note
FROM shares;
