-- macro:      contacts_of_strides
-- what:       the contacts of the feet with the floor at the start and the end of each stride of running, or of each
--             stride of walking: a table with video_id, run_id, person_id, side and frame_idx
-- parameters: of_running: true for running, false for walking; strides: the name of the relation of that name
-- unit:       frames
-- source:     is_running

CREATE OR REPLACE MACRO contacts_of_strides(of_running, strides := 'strides') AS TABLE
SELECT DISTINCT video_id, run_id, person_id, side, unnest([start_frame_idx, end_frame_idx]) AS frame_idx
FROM query_table(strides)
WHERE is_running(start_time_s, toe_off_time_s, end_time_s) = of_running;
