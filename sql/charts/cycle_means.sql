-- query:  cycle_means
-- what:   the mean cycle of a joint of a person: over the strides of each side, and over repetitions
-- grain:  kind, side, percent
-- units:  degrees; percent of the cycle
-- parameters: SET VARIABLE person_id = ...; SET VARIABLE joint = '...'
-- run:    in any DuckDB client, on the catalog of one video

SELECT kind, joint_side::VARCHAR AS side, percent, angle_2d_deg, spread_2d_deg, n_cycles
FROM cycle_means
WHERE person_id = getvariable('person_id')::INTEGER
    AND joint = getvariable('joint')
    AND (side = joint_side OR side = 'both')
ORDER BY kind DESC, joint_side, percent
