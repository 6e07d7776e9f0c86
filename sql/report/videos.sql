-- query:  videos
-- what:   the videos with tables, with the values for the overview of a report
-- grain:  video_id
-- units:  seconds, pixels of the displayed picture, frames per second
-- values: sport is the name of a pack, NULL if the video was not analyzed
-- run:    in any DuckDB client, on the catalog

WITH seen AS (
    -- Not from the view people, because that view reads all landmarks.
    SELECT run_id, count(DISTINCT person_id) AS n_people
    FROM tracks
    GROUP BY run_id
)

SELECT
    videos.video_id,
    videos.path,
    videos.name,
    videos.duration_s,
    coalesce(videos.slow_motion, 1) AS slow_motion,
    videos.width AS width_px,
    videos.height AS height_px,
    videos.fps,
    videos.n_frames,
    coalesce(seen.n_people, 0) AS n_people,
    analyses.sport
FROM videos
LEFT JOIN analyses ON analyses.run_id = videos.current_run_id
LEFT JOIN seen ON seen.run_id = videos.current_run_id
WHERE videos.current_run_id IS NOT NULL
ORDER BY videos.name, videos.video_id
