-- query:  world_size
-- what:   the size of a person as a multiple of that of the world landmarks, which are those of an average body
-- grain:  one row; none if the scale is not known
-- units:  1
-- parameters: SET VARIABLE video_id = '...'; SET VARIABLE person_id = ...
-- run:    in any DuckDB client, on the catalog

SELECT (scales.meters_per_px / ratios.world_ratio)::DOUBLE AS world_size
FROM scales
JOIN world_ratios() AS ratios ON ratios.run_id = scales.run_id AND ratios.person_id = scales.person_id
WHERE scales.video_id = getvariable('video_id') AND ratios.video_id = getvariable('video_id')
    AND scales.person_id = getvariable('person_id')::INTEGER
    AND scales.meters_per_px / ratios.world_ratio IS NOT NULL
