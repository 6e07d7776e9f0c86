-- macro:      fact
-- what:       a number with all that a text about it needs: interval, unit, side, words, and where it can be looked
--             up again
-- parameters: value; low, high: its 95 % interval, NULL where there is none; unit as in the tables; side; quantity:
--             in words; joint: in words or NULL; relation, result_key, col: the row and the column that the number is
--             from. With relation '' and col '', result_key is 'sql:' and a query of one row and one column
-- unit:       a STRUCT; a value that is NULL is missing
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
