-- query:  cycles
-- what:   means and spreads of the joint angles of all people over strides and repetitions, at every percent of the
--         cycle
-- grain:  person_id, kind, side, joint, joint_side, percent
-- units:  degrees; spread is one standard deviation; percent 0 to 100
-- values: kind is stride or repetition; side is the side of the strides: left, right, both; NULL if not measured
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT
    person_id::INTEGER AS person_id,
    kind::VARCHAR AS kind,
    side::VARCHAR AS side,
    joint::VARCHAR AS joint,
    joint_side::VARCHAR AS joint_side,
    percent,
    n_cycles,
    angle_2d_deg AS mean_2d_deg,
    spread_2d_deg,
    angle_3d_deg AS mean_3d_deg,
    spread_3d_deg
FROM cycle_means
WHERE video_id = getvariable('video_id')
ORDER BY person_id, kind, side, joint, joint_side, percent
