-- view:   phase_durations
-- what:   phases with their durations
-- grain:  video_id, person_id, attempt, phase
-- units:  seconds
-- values: columns of phases; low and high are the ends of the 95 % interval of duration_s: half a frame at each end
-- run:    in any DuckDB client, after phases.sql

CREATE OR REPLACE VIEW phase_durations AS
SELECT
    phases.* EXCLUDE (result_key),
    phases.last_time_s - phases.first_time_s AS duration_s,
    greatest(phases.last_time_s - phases.first_time_s - 1.96 / videos.fps / sqrt(6), 0) AS low,
    phases.last_time_s - phases.first_time_s + 1.96 / videos.fps / sqrt(6) AS high,
    concat_ws('/', 'phase_durations', phases.video_id, phases.person_id, phases.attempt, phases.phase) AS result_key
FROM phases
JOIN videos ON videos.video_id = phases.video_id;
