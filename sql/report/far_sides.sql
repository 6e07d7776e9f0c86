-- query:  far sides
-- what:   the limbs away from the camera that are seen worse than those toward it
-- grain:  person_id, limb
-- values: limb is arm or leg; far_side is left or right
-- parameters: SET VARIABLE video_id = '...'
-- run:    in any DuckDB client, on the catalog

SELECT person_id::INTEGER AS person_id, limb, side AS far_side
FROM far_sides
WHERE video_id = getvariable('video_id')
ORDER BY person_id, limb DESC
