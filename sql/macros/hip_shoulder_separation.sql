-- macro:      hip_shoulder_separation
-- what:       the rotation of the shoulders relative to the hips about the vertical at an event, the mean of all
--             attempts: a table with one row for each person, with video_id, run_id, person_id, value, low, high, n
--             and note
-- parameters: at_event: the kind of the event; events, clean_landmarks, landmark_noise: the names of the relations of
--             that name
-- unit:       degrees
-- source:     angle between the line through both shoulders and the line through both hips in world landmarks, seen
--             from above. 95 % interval from the spread between attempts, the jitter of the world landmarks, and a
--             depth uncertainty of 10 degrees that does not average out; these 10 degrees are assumed, not measured

CREATE OR REPLACE MACRO hip_shoulder_separation(
    at_event,
    events := 'events',
    clean_landmarks := 'clean_landmarks',
    landmark_noise := 'landmark_noise'
) AS TABLE
WITH points AS (
    SELECT
        moment.video_id,
        moment.run_id,
        moment.person_id,
        moment.frame_idx,
        joint.landmark,
        joint.world_x_m,
        joint.world_z_m,
        noise.clean_jitter_m
    FROM query_table(events) AS moment
    JOIN query_table(clean_landmarks) AS joint
        ON joint.run_id = moment.run_id AND joint.person_id = moment.person_id AND joint.frame_idx = moment.frame_idx
    LEFT JOIN query_table(landmark_noise) AS noise
        ON noise.run_id = moment.run_id AND noise.person_id = moment.person_id AND noise.landmark = joint.landmark
    WHERE moment.kind = at_event
        AND joint.landmark IN ('left_shoulder', 'right_shoulder', 'left_hip', 'right_hip')
        AND joint.visibility >= 0.3
),

lines AS (
    SELECT
        ls.video_id,
        ls.run_id,
        ls.person_id,
        abs(signed_angle_deg(
            lh.world_x_m - rh.world_x_m, lh.world_z_m - rh.world_z_m,
            ls.world_x_m - rs.world_x_m, ls.world_z_m - rs.world_z_m
        )) AS turn_deg,
        degrees(sqrt(
            2 * pow(
                coalesce(ls.clean_jitter_m, 0) / distance(ls.world_x_m, ls.world_z_m, rs.world_x_m, rs.world_z_m), 2
            )
            + 2 * pow(
                coalesce(lh.clean_jitter_m, 0) / distance(lh.world_x_m, lh.world_z_m, rh.world_x_m, rh.world_z_m), 2
            )
        )) AS noise_deg
    FROM points AS ls
    JOIN points AS rs USING (run_id, person_id, frame_idx)
    JOIN points AS lh USING (run_id, person_id, frame_idx)
    JOIN points AS rh USING (run_id, person_id, frame_idx)
    WHERE ls.landmark = 'left_shoulder' AND rs.landmark = 'right_shoulder'
        AND lh.landmark = 'left_hip' AND rh.landmark = 'right_hip'
        AND distance(ls.world_x_m, ls.world_z_m, rs.world_x_m, rs.world_z_m) > 0.05
        AND distance(lh.world_x_m, lh.world_z_m, rh.world_x_m, rh.world_z_m) > 0.05
),

summary AS (
    SELECT
        video_id,
        run_id,
        person_id,
        avg(turn_deg) AS value,
        sqrt(pow(half_width(stddev_samp(turn_deg), avg(noise_deg), count(*)), 2) + pow(10, 2)) AS half_width,
        count(*) AS n
    FROM lines
    WHERE turn_deg IS NOT NULL
    GROUP BY ALL
)

SELECT
    video_id,
    run_id,
    person_id,
    value,
    greatest(value - half_width, 0) AS low,
    value + half_width AS high,
    n,
    'in space, from one camera' AS note
FROM summary;
