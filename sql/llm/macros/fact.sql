-- macro:      fact
-- what:       a number with everything that a text about it needs: interval, unit, side, words, and the row and column
--             in which the number can be looked up
-- parameters: value; low, high: its 95 % interval, NULL if the value has none; unit as in the tables; side; quantity:
--             in words; joint: in words or NULL; relation, result_key, col: the row and the column that contain the
--             number. If relation and col are '', result_key is 'sql:' and a query that returns one row and one column
-- unit:       a STRUCT; a NULL value means missing
-- source:     docs/LLM_KINDS.md

CREATE OR REPLACE TEMP MACRO fact(value, low, high, unit, side, quantity, joint, relation, result_key, col) AS {
    'value': value::DOUBLE,
    'low': low::DOUBLE,
    'high': high::DOUBLE,
    'unit': unit::VARCHAR,
    'side': CASE WHEN side IN ('left', 'right', 'both') THEN side ELSE 'none' END::VARCHAR,
    'quantity': quantity::VARCHAR,
    'joint': joint::VARCHAR,
    'relation': relation::VARCHAR,
    'result_key': result_key::VARCHAR,
    'column': col::VARCHAR
};
