-- query:  pictures
-- what:   in how many frames each person is, and in how many of them the picture is not that of the frame before
-- grain:  person_id
-- units:  numbers of frames: x of all, y of those that change
-- run:    in any DuckDB client, on a catalog with one run; posekit runs it for each run

SELECT
    person_id::INTEGER AS person_id,
    0 AS frame_idx,
    0::DOUBLE AS time_s,
    'pictures' AS name,
    count(*)::DOUBLE AS x,
    count(*) FILTER (NOT coalesce(frames.is_repeated, false))::DOUBLE AS y
FROM kinematics
JOIN frames ON frames.run_id = kinematics.run_id AND frames.frame_idx = kinematics.frame_idx
WHERE kinematics.point = 'mid_hip'
GROUP BY person_id
ORDER BY person_id
