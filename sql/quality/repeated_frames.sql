-- check:  repeated_frames
-- what:   frames repeat the picture before them, as editors and screen recorders store them: the video has fewer
--         pictures a second than it says
-- grain:  one row per violation
-- needs:  clean_landmarks, videos

-- In a repeated frame the network saw everybody, and yet cleaning takes nothing from it. Cleaning knows them by the marks
-- in frames and by the pauses of moving bodies.
WITH seen AS (
    SELECT
        video_id,
        run_id,
        frame_idx,
        min(time_s) AS time_s,
        bool_and(provenance IN ('interpolated', 'missing') AND visibility IS NOT NULL) AND bool_or(provenance = 'interpolated')
            AS is_repeated
    FROM clean_landmarks
    GROUP BY video_id, run_id, frame_idx
),

counted AS (
    SELECT
        video_id,
        run_id,
        count(*) AS n,
        count(*) FILTER (is_repeated) AS n_repeated,
        min(frame_idx) FILTER (is_repeated) AS frame_idx,
        min(time_s) FILTER (is_repeated) AS time_s
    FROM seen
    GROUP BY video_id, run_id
)

SELECT
    counted.video_id,
    counted.run_id,
    'warning' AS severity,
    frame_idx,
    time_s,
    100.0 * n_repeated / n AS value,
    format(
        '{} of {} frames repeat the picture before them: the video says {:.2f} frames a second and has about {:.1f} pictures a second',
        n_repeated, n, videos.fps, videos.fps * (1 - n_repeated::DOUBLE / n)
    ) AS problem
FROM counted
JOIN videos ON videos.video_id = counted.video_id
WHERE n_repeated >= greatest(4, 0.01 * n)
