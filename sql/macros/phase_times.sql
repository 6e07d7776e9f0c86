-- macro:      phase_times
-- what:       how long phases last, the mean of all attempts: a table with one row for each person and phase, with
--             video_id, run_id, person_id, phase, value, low, high and n
-- parameters: of_phases: a list of the names of the phases; phases, videos: the names of the relations of that name
-- unit:       seconds
-- source:     95 % interval from the spread between attempts and half a frame at each end

CREATE OR REPLACE MACRO phase_times(of_phases, phases := 'phases', videos := 'videos') AS TABLE
WITH times AS (
    SELECT
        span.video_id,
        span.run_id,
        span.person_id,
        span.phase,
        span.last_time_s - span.first_time_s AS seconds,
        1 / video.fps / sqrt(6) AS noise_s
    FROM query_table(phases) AS span
    JOIN query_table(videos) AS video ON video.video_id = span.video_id
    WHERE list_contains(of_phases, span.phase)
)

SELECT
    video_id,
    run_id,
    person_id,
    phase,
    unnest(mean_interval(seconds, noise_s, lowest := 0)),
    count(*) AS n
FROM times
GROUP BY video_id, run_id, person_id, phase;
