-- view:   athletes
-- what:   the people in each video with the start and the end of their time in view: like people, but computed without
--         reading all landmarks
-- grain:  video_id, person_id
-- units:  times in seconds from the first frame
-- values: name is the name that the user gave, else NULL; result_key is the stable key of the row
-- run:    in any DuckDB client, after tracks.sql

CREATE OR REPLACE VIEW athletes AS
SELECT
    video_id,
    video,
    run_id,
    person_id,
    max(name) AS name,
    min(first_time_s) AS first_time_s,
    max(last_time_s) AS last_time_s,
    concat_ws('/', 'athletes', video_id, person_id) AS result_key
FROM tracks
GROUP BY video_id, video, run_id, person_id;
