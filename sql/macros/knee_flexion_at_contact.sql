-- macro:      knee_flexion_at_contact
-- what:       the knee flexion when the foot touches the floor, the mean of all contacts of running or of walking: a
--             table with one row for each person and side, with video_id, run_id, person_id, side, value, low, high
--             and n
-- parameters: of_running: true for running, false for walking; strides, joint_angles, facings, videos: the names of
--             the relations of that name
-- unit:       degrees
-- source:     angle in the plane of the picture, side views only (within 30 degrees). 95 % interval from the spread
--             between contacts, the angles' standard errors and the rotation of the knee within half a frame

CREATE OR REPLACE MACRO knee_flexion_at_contact(
    of_running,
    strides := 'strides',
    joint_angles := 'joint_angles',
    facings := 'facings',
    videos := 'videos'
) AS TABLE
WITH contacts AS (
    SELECT
        moment.video_id,
        moment.run_id,
        moment.person_id,
        moment.side,
        knee.angle_2d_deg AS angle_deg,
        moment_error(knee.error_deg, knee.velocity_deg_s, video.fps) AS noise_deg
    FROM contacts_of_strides(of_running, strides := strides) AS moment
    JOIN query_table(videos) AS video ON video.video_id = moment.video_id
    JOIN query_table(facings) AS view
        ON view.run_id = moment.run_id AND view.person_id = moment.person_id
        AND moment.frame_idx BETWEEN view.first_frame_idx AND view.last_frame_idx
    JOIN query_table(joint_angles) AS knee
        ON knee.run_id = moment.run_id AND knee.person_id = moment.person_id AND knee.frame_idx = moment.frame_idx
        AND knee.joint = 'knee' AND knee.side = moment.side
    WHERE is_side_view(view.facing, view.yaw_deg) AND knee.quality >= 0.5 AND knee.angle_2d_deg IS NOT NULL
)

SELECT
    video_id,
    run_id,
    person_id,
    side,
    unnest(mean_interval(angle_deg, noise_deg)),
    count(*) AS n
FROM contacts
GROUP BY video_id, run_id, person_id, side;
