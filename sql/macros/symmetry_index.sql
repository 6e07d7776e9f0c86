-- macro:      symmetry_index
-- what:       by how much right is more than left, relative to their mean
-- parameters: value_left, value_right: the same metric of both sides
-- unit:       percent; NULL where the mean is zero
-- source:     Robinson, Herzog, Nigg 1987, J Manipulative Physiol Ther 10(4):172-176

CREATE OR REPLACE MACRO symmetry_index(value_left, value_right) AS
    100 * (value_right - value_left) / nullif((value_right + value_left) / 2, 0);
