-- query:  measured
-- what:   a selection of the metrics of each person, with their 95 % intervals
-- grain:  video, person_id, metric, side
-- units:  in the column unit
-- run:    in any DuckDB client, on the catalog after `posekit analyze`; or `posekit query < sql/examples/measured.sql`

SELECT
    video,
    person_id AS person,
    metric,
    side,
    round(value, 2) AS value,
    round(low, 2) AS low,
    round(high, 2) AS high,
    unit
FROM metrics
WHERE metric IN (
    'cadence', 'stride_length', 'stance_time', 'gait_speed', 'jump_flight_time', 'jump_height_rise', 'knee_peak_flexion_3d',
    'center_of_mass_peak_speed'
)
ORDER BY video, person, metric, side
