-- relation: cycles
-- what:     joint angles over each cycle, resampled to 0..100 % of the cycle
-- grain:    video_id, person_id, kind, side, cycle, joint, joint_side, percent
-- unit:     degrees; percent of the cycle
-- needs:    joint_angles, events, repetitions
-- source:   linear interpolation between the two nearest frames at 101 even times of each cycle (the usual time
--           normalization of gait curves)

WITH spans AS (
    SELECT
        video_id,
        run_id,
        person_id,
        'stride' AS kind,
        side,
        row_number() OVER (PARTITION BY run_id, person_id, side ORDER BY start_time_s) AS cycle,
        start_time_s,
        end_time_s
    FROM strides
    UNION ALL BY NAME
    SELECT
        video_id,
        run_id,
        person_id,
        'repetition' AS kind,
        'both' AS side,
        repetition AS cycle,
        first_time_s AS start_time_s,
        last_time_s AS end_time_s
    FROM repetitions
),

-- Each angle of a joint, with the angle of the same joint in the next frame.
pieces AS (
    SELECT
        run_id,
        person_id,
        joint,
        side,
        time_s,
        angle_2d_deg,
        angle_3d_deg,
        lead(time_s) OVER series AS next_time_s,
        lead(frame_idx) OVER series = frame_idx + 1 AS is_followed,
        lead(angle_2d_deg) OVER series AS next_2d_deg,
        lead(angle_3d_deg) OVER series AS next_3d_deg
    FROM joint_angles
    WINDOW series AS (PARTITION BY run_id, person_id, joint, side ORDER BY frame_idx)
),

instants AS (
    SELECT
        spans.*,
        joints.joint,
        joints.side AS joint_side,
        percents.percent,
        start_time_s + (end_time_s - start_time_s) * percents.percent / 100 AS at_s
    FROM spans
    JOIN (SELECT DISTINCT run_id, person_id, joint, side FROM pieces) AS joints USING (run_id, person_id)
    CROSS JOIN range(101) AS percents (percent)
),

interpolated AS (
    SELECT
        instants.*,
        pieces.is_followed OR at_s = time_s AS is_within,
        CASE WHEN at_s = time_s THEN 0 ELSE (at_s - time_s) / (next_time_s - time_s) END AS share,
        pieces.angle_2d_deg,
        pieces.angle_3d_deg,
        coalesce(next_2d_deg, angle_2d_deg) AS next_2d_deg,
        coalesce(next_3d_deg, angle_3d_deg) AS next_3d_deg
    FROM instants
    ASOF JOIN pieces
        ON pieces.run_id = instants.run_id
        AND pieces.person_id = instants.person_id
        AND pieces.joint = instants.joint
        AND pieces.side = instants.joint_side
        AND pieces.time_s <= instants.at_s
)

SELECT
    video_id,
    run_id,
    person_id,
    kind,
    side,
    cycle,
    joint,
    joint_side,
    percent,
    CASE WHEN is_within THEN angle_2d_deg + share * (next_2d_deg - angle_2d_deg) END AS angle_2d_deg,
    CASE WHEN is_within THEN angle_3d_deg + share * (next_3d_deg - angle_3d_deg) END AS angle_3d_deg
FROM interpolated
