-- macro:      symmetry_index
-- what:       the amount by which right exceeds left, relative to their mean
-- parameters: value_left, value_right: the same metric of both sides
-- unit:       percent; NULL if the mean is zero
-- source:     Robinson, Herzog, Nigg 1987, J Manipulative Physiol Ther 10(4):172-176

CREATE OR REPLACE MACRO symmetry_index(value_left, value_right) AS
    100 * (value_right - value_left) / nullif((value_right + value_left) / 2, 0);
