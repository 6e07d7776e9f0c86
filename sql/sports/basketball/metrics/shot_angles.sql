-- metric: shot_angles
-- what:   joint angles of the shooting side: shot_elbow_flexion at the set point, shot_release_elbow_flexion and
--         shot_release_shoulder_flexion at the release; shot_knee_flexion: the largest knee flexion between half a
--         second before the dip and the release; the mean of all shots
-- grain:  video_id, person_id, metric, side
-- unit:   degrees
-- needs:  events, joint_angles, videos
-- source: in space from the world landmarks, so that the view does not matter (the column note says so). 95 % interval
--         from the spread between shots, the angles' standard errors and, for angles at a moment, the rotation of the
--         joint within half a frame

WITH moments (kind, joint, metric) AS (
    VALUES
        ('set_point', 'elbow', 'shot_elbow_flexion'),
        ('release', 'elbow', 'shot_release_elbow_flexion'),
        ('release', 'shoulder', 'shot_release_shoulder_flexion')
),

numbered AS (
    SELECT *, row_number() OVER (PARTITION BY run_id, person_id, kind ORDER BY time_s) AS attempt
    FROM events
    WHERE kind IN ('dip', 'release', 'set_point')
),

measured AS (
    SELECT
        numbered.video_id,
        numbered.run_id,
        numbered.person_id,
        moments.metric,
        numbered.side,
        angle_3d_deg AS angle_deg,
        moment_error(error_3d_deg, velocity_3d_deg_s, videos.fps) AS noise_deg
    FROM numbered
    JOIN moments ON moments.kind = numbered.kind
    JOIN videos ON videos.video_id = numbered.video_id
    JOIN joint_angles
        ON joint_angles.run_id = numbered.run_id AND joint_angles.person_id = numbered.person_id
        AND joint_angles.frame_idx = numbered.frame_idx
        AND joint_angles.side = numbered.side AND joint_angles.joint = moments.joint
    WHERE joint_angles.quality >= 0.5 AND angle_3d_deg IS NOT NULL
    UNION ALL BY NAME
    SELECT
        dip.video_id,
        dip.run_id,
        dip.person_id,
        'shot_knee_flexion' AS metric,
        joint_angles.side,
        max(angle_3d_deg) AS angle_deg,
        arg_max(error_3d_deg, angle_3d_deg) AS noise_deg
    FROM numbered AS dip
    JOIN numbered AS release
        ON release.run_id = dip.run_id AND release.person_id = dip.person_id
        AND release.attempt = dip.attempt AND release.kind = 'release'
    JOIN joint_angles
        ON joint_angles.run_id = dip.run_id AND joint_angles.person_id = dip.person_id AND joint_angles.joint = 'knee'
        AND joint_angles.time_s BETWEEN dip.time_s - 0.5 AND release.time_s
    WHERE dip.kind = 'dip' AND joint_angles.quality >= 0.5 AND angle_3d_deg IS NOT NULL
    GROUP BY dip.video_id, dip.run_id, dip.person_id, dip.attempt, joint_angles.side
)

SELECT
    video_id,
    run_id,
    person_id,
    metric,
    side,
    unnest(mean_interval(angle_deg, noise_deg)),
    'deg' AS unit,
    count(*) AS n,
    'in space, from one camera' AS note
FROM measured
GROUP BY video_id, run_id, person_id, metric, side
