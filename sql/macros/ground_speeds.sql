-- macro:      ground_speeds
-- what:       how fast the ground moves in the picture during each stride: a table with one row for each stride, with
--             video_id, run_id, person_id, side, start_frame_idx, start_time_s, legs_per_s and ground_px_s
-- parameters: strides, clean_landmarks, scales: the names of the relations of those names
-- unit:       leg lengths and pixels per second, positive to the right. 0 if it is slower than 0.3 leg lengths a second,
--             or than a fifth of the speed over that ground, since toes are seen to move a little on still ground; and
--             if the toes move the way they point: treadmills and cameras that follow move the ground against the feet,
--             and a network that takes the swinging foot for the standing one moves it with them
-- source:     convention of posekit: the toes in the middle 40 % of the stance

CREATE OR REPLACE MACRO ground_speeds(strides := 'strides', clean_landmarks := 'clean_landmarks', scales := 'scales') AS TABLE
WITH feet AS (
    SELECT
        run_id,
        person_id,
        frame_idx,
        time_s,
        split_part(landmark, '_', 1) AS side,
        max(x_px) FILTER (landmark IN ('left_foot_index', 'right_foot_index')) AS toes_px,
        max(x_px) FILTER (landmark IN ('left_heel', 'right_heel')) AS heel_px
    FROM query_table(clean_landmarks)
    WHERE landmark IN ('left_foot_index', 'right_foot_index', 'left_heel', 'right_heel')
    GROUP BY ALL
),

stances AS (
    SELECT
        strides.video_id,
        strides.run_id,
        strides.person_id,
        strides.side,
        strides.start_frame_idx,
        strides.start_time_s,
        strides.end_time_s,
        strides.end_frame_idx,
        regr_slope(feet.toes_px, feet.time_s) AS toes_px_s,
        avg(feet.toes_px - feet.heel_px) AS foot_px
    FROM query_table(strides) AS strides
    JOIN feet
        ON feet.run_id = strides.run_id AND feet.person_id = strides.person_id AND feet.side = strides.side
        AND feet.time_s BETWEEN strides.start_time_s + 0.3 * (strides.toe_off_time_s - strides.start_time_s)
            AND strides.start_time_s + 0.7 * (strides.toe_off_time_s - strides.start_time_s)
    GROUP BY ALL
),

speeds AS (
    SELECT
        stances.*,
        (later.heel_px - earlier.heel_px) / (end_time_s - start_time_s) - toes_px_s AS over_ground_px_s
    FROM stances
    JOIN feet AS earlier
        ON earlier.run_id = stances.run_id AND earlier.person_id = stances.person_id AND earlier.side = stances.side
        AND earlier.frame_idx = stances.start_frame_idx
    JOIN feet AS later
        ON later.run_id = stances.run_id AND later.person_id = stances.person_id AND later.side = stances.side
        AND later.frame_idx = stances.end_frame_idx
)

SELECT
    speeds.video_id,
    speeds.run_id,
    speeds.person_id,
    speeds.side,
    speeds.start_frame_idx,
    speeds.start_time_s,
    CASE
        WHEN toes_px_s * foot_px < 0 AND abs(toes_px_s) >= greatest(0.3 * leg_length_px, 0.2 * abs(over_ground_px_s))
            THEN toes_px_s
        ELSE 0
    END AS ground_px_s,
    ground_px_s / leg_length_px AS legs_per_s
FROM speeds
JOIN query_table(scales) AS scales ON scales.run_id = speeds.run_id AND scales.person_id = speeds.person_id;
