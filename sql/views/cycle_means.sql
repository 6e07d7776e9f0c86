-- view:   cycle_means
-- what:   the mean cycle of each joint, and the variation between cycles
-- grain:  video_id, person_id, kind, side, joint, joint_side, percent
-- units:  degrees; spread_ are standard deviations between cycles
-- values: n_cycles is the number of cycles with a value at this percent
-- run:    in any DuckDB client, after cycles.sql

CREATE OR REPLACE VIEW cycle_means AS
SELECT
    video_id,
    video,
    run_id,
    person_id,
    kind,
    side,
    joint,
    joint_side,
    percent,
    avg(angle_2d_deg) AS angle_2d_deg,
    stddev_samp(angle_2d_deg) AS spread_2d_deg,
    avg(angle_3d_deg) AS angle_3d_deg,
    stddev_samp(angle_3d_deg) AS spread_3d_deg,
    count(angle_2d_deg) AS n_cycles
FROM cycles
GROUP BY ALL;
