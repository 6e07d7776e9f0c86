-- view:   far_sides
-- what:   the limbs that are away from the camera and seen worse than those toward it: everything measured of them is an
--         estimate
-- grain:  video_id, person_id, limb
-- units:  visibility 0..1: the mean quality of the limb's joint angles, over all frames; other_visibility is that of the
--         other side
-- values: limb is arm or leg; side is left or right. A row means that the person is seen from the side for most of the
--         time, that this is the side away from the camera for at least a tenth of that time, and that its visibility
--         is lower by more than 0.1. A person who turns around has no far side if both sides are seen alike
-- run:    in any DuckDB client, after facings.sql, side_views.sql and joint_angles.sql

CREATE OR REPLACE VIEW far_sides AS
WITH turned AS (
    SELECT
        video_id,
        run_id,
        person_id,
        CASE facing WHEN 'right' THEN 'left' ELSE 'right' END AS side,
        sum(last_frame_idx - first_frame_idx + 1) AS n_frames
    FROM facings
    WHERE facing IN ('left', 'right')
    GROUP BY video_id, run_id, person_id, side
),

-- Ignores sides with less than a tenth of the time: facing is found for spans of time, and short spans are uncertain.
away AS (
    SELECT *
    FROM turned
    QUALIFY n_frames >= 0.1 * sum(n_frames) OVER (PARTITION BY run_id, person_id)
),

seen AS (
    SELECT
        video_id,
        run_id,
        person_id,
        CASE WHEN joint IN ('ankle', 'knee', 'hip') THEN 'leg' ELSE 'arm' END AS limb,
        avg(quality) FILTER (side = 'left') AS left_visibility,
        avg(quality) FILTER (side = 'right') AS right_visibility
    FROM joint_angles
    GROUP BY video_id, run_id, person_id, limb
)

SELECT
    seen.video_id,
    seen.run_id,
    seen.person_id,
    seen.limb,
    away.side,
    least(left_visibility, right_visibility) AS visibility,
    greatest(left_visibility, right_visibility) AS other_visibility
FROM seen
JOIN away
    ON away.video_id = seen.video_id AND away.run_id = seen.run_id AND away.person_id = seen.person_id
    AND away.side = CASE WHEN left_visibility < right_visibility THEN 'left' ELSE 'right' END
JOIN side_views
    ON side_views.video_id = seen.video_id AND side_views.run_id = seen.run_id AND side_views.person_id = seen.person_id
-- In views from the front and the back, the two legs differ by 0.01 (median of 45 people), and only once by
-- more than 0.1.
WHERE side_views.side_view_share >= 0.5 AND abs(left_visibility - right_visibility) > 0.1;
