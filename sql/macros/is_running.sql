-- macro:      is_running
-- what:       whether a stride is one of running: the foot is on the floor for less than half of the stride. All
--             other strides are walking
-- parameters: start_time_s, toe_off_time_s, end_time_s: the times of the stride, as in strides
-- unit:       true or false; NULL if a time is missing
-- source:     Alexander 1991 (Energy-saving mechanisms in walking and running)

CREATE OR REPLACE MACRO is_running(start_time_s, toe_off_time_s, end_time_s) AS
    toe_off_time_s - start_time_s < 0.5 * (end_time_s - start_time_s);
