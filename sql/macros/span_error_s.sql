-- macro:      span_error_s
-- what:       how far the time from one event to another of a different kind may be off in the same direction in every
--             step or jump: one standard error, beside half a frame at each end
-- parameters: first_kind, last_kind: the kinds of the two events; between two events of one kind the errors cancel
-- unit:       seconds
-- source:     event_error_s

CREATE OR REPLACE MACRO span_error_s(first_kind, last_kind) AS
    sqrt(pow(event_error_s(first_kind), 2) + pow(event_error_s(last_kind), 2));
