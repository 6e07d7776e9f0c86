-- query:  places
-- what:   where each person is in each frame: the middle of the hips and the larger side of the box around the body
-- grain:  frame_idx, person_id
-- units:  pixels
-- run:    in the workspace of a run

SELECT
    frame_idx,
    person_id,
    avg(x_px) FILTER (WHERE landmark IN ('left_hip', 'right_hip')) AS hips_x_px,
    avg(y_px) FILTER (WHERE landmark IN ('left_hip', 'right_hip')) AS hips_y_px,
    greatest(max(x_px) - min(x_px), max(y_px) - min(y_px)) AS size_px
FROM landmarks
GROUP BY frame_idx, person_id
HAVING hips_x_px IS NOT NULL AND hips_y_px IS NOT NULL
