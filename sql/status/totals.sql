-- query:  status of the dataset
-- what:   totals of the dataset
-- grain:  one row
-- values: runs includes older runs; failed_videos have no tables
-- run:    in any DuckDB client, on the catalog

SELECT
    (SELECT count(*) FROM videos) AS videos,
    (SELECT count(*) FROM videos WHERE current_run_id IS NULL) AS failed_videos,
    (SELECT count(*) FROM runs WHERE status <> 'failed') AS runs,
    (SELECT count(*) FROM frames) AS frames,
    (SELECT count(*) FROM regions) AS poses;
